package keys

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/secret"
)

// A machine runs a script of changes, crashes and a server's tricks on one
// account with two devices, and knows after each step who must get in and who
// must not.
type machine struct {
	t       *testing.T
	script  []byte
	stored  *LockedAccount   // what the server has accepted
	records []*LockedAccount // all that it ever accepted, by revision - 1
	forks   []*LockedAccount // what it refused, from stale devices
	devices [2]*Account      // either may be behind
	ways    map[string]*Credential
	friends map[string]*Account
	cast    *cast
}

// The cast are the secrets and people that come and go. They are the same in
// each run, since making them costs more than a step.
type cast struct {
	ways    []*Credential
	friends []*Account
}

func newCast() *cast {
	c := new(cast)
	for n := range byte(3) {
		c.ways = append(c.ways, device(n), (&Code{secret.New(bytes.Repeat([]byte{n}, codeSize))}).Credential(), quick(fmt.Sprint("passphrase ", n), floor, nil))
		c.friends = append(c.friends, NewAccount(device(100+n)))
	}
	return c
}

func runMachine(t *testing.T, c *cast, script []byte) {
	m := &machine{t: t, script: script, cast: c, friends: map[string]*Account{}}
	first := m.pick(c.ways)
	a := NewAccount(first)
	m.ways = map[string]*Credential{kindName(first.kind): first}
	m.stored, m.records = a.Locked(), []*LockedAccount{a.Locked()}
	m.devices = [2]*Account{a, a}
	for len(m.script) > 0 {
		m.step()
		m.check()
	}
}

func (m *machine) byte() byte {
	if len(m.script) == 0 {
		return 0
	}
	b := m.script[0]
	m.script = m.script[1:]
	return b
}

func (m *machine) pick(ways []*Credential) *Credential { return ways[int(m.byte())%len(ways)] }

func (m *machine) step() {
	d := int(m.byte()) % 2
	switch op := m.byte() % 16; op {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		m.change(d, op)
	case 8: // crash before the write: the change is gone
		if made, _, err := m.make(m.devices[d], m.byte()%8); err == nil {
			require.Greater(m.t, made.Locked().Revision(), m.devices[d].Locked().Revision())
		}
		m.sync(d)
	case 9: // crash after the write, before the answer: the device starts anew
		before := m.devices[d]
		m.change(d, m.byte()%8)
		m.devices[d] = before
		m.sync(d)
	case 10:
		m.sync(d)
	case 11: // a new device, without a pin
		m.devices[d] = m.unlock(must(ParseLockedAccount(m.stored.Bytes(), nil))(m.t))
	default:
		m.tamper(d)
	}
}

// change makes a change on a device, and commits it. One that was made on an
// old state is refused, and made again on the new one.
func (m *machine) change(d int, op byte) {
	made, apply, err := m.make(m.devices[d], op)
	if err != nil {
		require.Nil(m.t, made)
		return
	}
	next, err := m.stored.Next(made.Locked().Bytes())
	if m.devices[d].Locked().Revision() < m.stored.Revision() {
		require.True(m.t, errors.Is(err, ErrFork) || errors.Is(err, ErrRollback), err)
		m.forks = append(m.forks, made.Locked())
		m.sync(d)
		return
	}
	require.NoError(m.t, err)
	m.stored, m.records = next, append(m.records, next)
	m.devices[d] = made
	apply()
}

// make makes a change, and says what it does to who gets in.
func (m *machine) make(a *Account, op byte) (made *Account, apply func(), err error) {
	label, c, who := fmt.Sprint("label ", m.byte()%8), m.pick(m.cast.ways), m.cast.friends[m.byte()%3]
	switch op {
	case 0, 1:
		made, err = a.Add(label, c)
		apply = func() { m.ways[label] = c }
	case 2:
		made, err = a.AddTrustee(label, who.Identity())
		apply = func() {
			maps.DeleteFunc(m.friends, func(_ string, f *Account) bool { return f == who })
			m.friends[label] = who
		}
	case 3, 4:
		slots := a.Locked().Slots()
		label = slots[int(m.byte())%len(slots)].Label
		if made, err = a.Remove(label); op == 4 {
			made, err = a.RemoveAndRotate(label)
		}
		apply = func() { delete(m.ways, label); delete(m.friends, label) }
	case 5:
		made, err = a.SetPassphrase(c)
		apply = func() { m.setPassphrase(c) }
	case 6:
		made, err = a.SetPassphraseAndRotate(c)
		apply = func() { m.setPassphrase(c) }
	default:
		if m.byte()%4 == 0 { // a stranger was in the account
			made, err = a.Recover(map[string]*Credential{label: c})
			apply = func() { clear(m.friends); clear(m.ways); m.ways[label] = c }
			break
		}
		made, err = a.Rotate()
		apply = func() {}
	}
	return made, apply, err
}

func (m *machine) setPassphrase(c *Credential) {
	for label, old := range m.ways {
		if old.params != nil {
			m.ways[label] = c
			return
		}
	}
	m.ways[kindName(c.kind)] = c
}

// sync brings a device to the state of the server, with its pin.
func (m *machine) sync(d int) {
	a, err := m.devices[d].Update(m.stored.Bytes())
	if errors.Is(err, ErrBehind) {
		a = m.unlock(must(ParseLockedAccount(m.stored.Bytes(), m.devices[d].Locked()))(m.t))
		err = nil
	}
	require.NoError(m.t, err)
	m.devices[d] = a
}

// unlock opens by one of the ways in.
func (m *machine) unlock(l *LockedAccount) *Account {
	labels := make([]string, 0, len(m.ways))
	for label := range m.ways {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	return must(l.Unlock(m.ways[labels[int(m.byte())%len(labels)]]))(m.t)
}

// tamper shows a device something other than the newest record.
func (m *machine) tamper(d int) {
	pin := m.devices[d].Locked()
	old := m.records[int(m.byte())%len(m.records)]
	if old.Revision() < pin.Revision() {
		m.refused(pin, old.Bytes(), ErrRollback)
	}
	if len(m.forks) > 0 {
		if fork := m.forks[int(m.byte())%len(m.forks)]; fork.Revision() <= pin.Revision() {
			m.refused(pin, fork.Bytes(), ErrRollback, ErrFork)
		}
	}
	record := m.stored.Bytes()
	at := (int(m.byte())<<8 | int(m.byte())) % len(record)
	m.refused(pin, flip(record, at), ErrMalformed, ErrNewer, ErrCost)
	m.refused(pin, record[:at], ErrMalformed)
	m.refused(pin, m.cast.friends[0].Locked().Bytes(), ErrMismatch)
}

func (m *machine) refused(pin *LockedAccount, record []byte, kinds ...error) {
	l, err := ParseLockedAccount(record, pin)
	require.Nil(m.t, l)
	require.True(m.t, slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }), err)
}

// check asks everybody to open what is stored.
func (m *machine) check() {
	require.Len(m.t, m.stored.Slots(), len(m.ways)+len(m.friends))
	in := map[*Credential]bool{}
	for _, c := range m.ways {
		in[c] = true
	}
	for _, c := range m.cast.ways {
		a, err := m.stored.Unlock(c)
		require.Equal(m.t, in[c], err == nil, err)
		if err == nil {
			require.Equal(m.t, m.records[0].ID(), a.ID())
		}
	}
	let := map[*Account]bool{}
	for _, a := range m.friends {
		let[a] = true
	}
	for _, a := range m.cast.friends {
		_, err := m.stored.UnlockAsTrustee(a, m.stored.ID())
		require.Equal(m.t, let[a], err == nil, err)
	}
}

// TestMachine runs scripts that are random, and the same each time.
func TestMachine(t *testing.T) {
	c := newCast()
	runs := 8
	if testing.Short() {
		runs = 2
	}
	for n := range runs {
		random := rand.New(rand.NewPCG(uint64(n), 7))
		script := make([]byte, 250)
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) { runMachine(t, c, script) })
	}
}

// FuzzMachine looks for a script that loses a way in, or keeps one.
func FuzzMachine(f *testing.F) {
	c := newCast()
	f.Add([]byte("\x00\x00\x02\x01\x02\x03\x00\x07\x00\x00\x00\x00\x0c\x05\x05"))
	f.Add([]byte("\x02\x00\x05\x00\x02\x00\x01\x06\x01\x05\x02\x00\x0c\x01\x02\x03"))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 400 {
			t.Skip("long scripts say no more")
		}
		runMachine(t, c, script)
	})
}
