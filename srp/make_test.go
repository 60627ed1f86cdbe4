package srp_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"testing/cryptotest"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// TestMakeVectors makes the vectors of this package anew.
func TestMakeVectors(t *testing.T) {
	vectors.Updating(t)
	cryptotest.SetGlobalRandom(t, 7)
	exchanges := makeExchanges(t)
	vectors.Write(t, "srp/exchange.json", source, exchanges)
	vectors.Write(t, "srp/decoys.json", source, makeDecoys(t))
	vectors.Write(t, "srp/failures.json", source, makeFailures(t, exchanges))
}

func makeExchanges(t *testing.T) []exchangeVector {
	base := func(name string) exchangeVector {
		v := exchangeVector{Name: name, Service: service, User: "jane", ExportName: "backup", Device: random(32)}
		v.ServerKey, v.Account, v.SecretA, v.SecretB = random(32), random(25), random(32), random(32)
		return v
	}
	params, err := keys.DecoyParams(cheap, false, [32]byte(random(32)))
	require.NoError(t, err)
	withPassphrase := base("passphrase")
	withPassphrase.Device, withPassphrase.Passphrase, withPassphrase.Params = nil, passphrase, params.Bytes()
	withCode := base("code")
	withCode.Device, withCode.Code = nil, keys.NewCode().Show()
	bound := base("bound to a channel")
	bound.Binding = random(32)
	unicode := base("name outside ASCII, empty name of the export")
	unicode.User, unicode.Service, unicode.ExportName = "j\u00e4ne", "notizen.example/\u00fc", ""
	small := base("small secrets")
	small.SecretA, small.SecretB = append(make([]byte, 31), 3), append(make([]byte, 31), 2)
	large := base("large secrets")
	large.SecretA, large.SecretB = bytes.Repeat([]byte{255}, 32), bytes.Repeat([]byte{255}, 32)

	all := []exchangeVector{withPassphrase, withCode, base("device"), bound, unicode, small, large}
	for _, v := range []struct {
		name   string
		zero   func(exchangeVector) []byte
		change func(*exchangeVector)
	}{
		{"v", func(v exchangeVector) []byte { return v.V }, func(v *exchangeVector) { v.Device = random(32) }},
		{"A", func(v exchangeVector) []byte { return v.A }, func(v *exchangeVector) { v.SecretA = random(32) }},
		{"B", func(v exchangeVector) []byte { return v.B }, func(v *exchangeVector) { v.SecretB = random(32) }},
		{"S", func(v exchangeVector) []byte { return v.S }, func(v *exchangeVector) { v.SecretB = random(32) }},
	} {
		e := base("zero byte in front of " + v.name)
		e.compute(t)
		for v.zero(e)[0] != 0 {
			v.change(&e)
			e.compute(t)
		}
		all = append(all, e)
	}
	for n := range all {
		all[n].compute(t)
		all[n].messages(t)
	}
	return all
}

// compute fills in the numbers.
func (v *exchangeVector) compute(t *testing.T) {
	g := modexp.Group3072()
	half := ring.HalfOf(v.credential(t).Login())
	v.SecretX, v.Kind, v.Slot = secret.Reveal(half.X), uint8(half.Kind), half.Slot[:]
	v.K = srp.Multiplier()[384-32:]
	k := g.Small(v.K)
	V := g.PowG(v.SecretX)
	B := g.ServerPublic(k, V, v.SecretB)
	v.V, v.A, v.B = V.Bytes(), g.PowG(v.SecretA).Bytes(), B.Bytes()
	v.U = srp.Scrambler(v.A, v.B)
	v.Exponent = modexp.MulAdd(v.SecretA, v.U, v.SecretX)
	v.S = g.ServerSecret(g.Small(v.A), V, v.U, v.SecretB).Bytes()
}

// messages runs the exchange.
func (v *exchangeVector) messages(t *testing.T) {
	key, s := v.credential(t), v.server(t)
	client, hello := v.client(t, key)
	st := &srp.State{
		Known: 1, Account: keys.AccountID(v.Account), Name: v.User, Kind: ring.SlotKind(v.Kind), Slot: ring.SlotID(v.Slot),
		Params: v.Params, A: v.A, V: v.V,
	}
	challenge, state := s.WithSecret(st, v.SecretB)
	pending, proof, err := client.Respond(challenge, key)
	require.NoError(t, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	session, err := pending.Finish(reply)
	require.NoError(t, err)
	v.Hello, v.Challenge, v.State = vectors.Hex(hello), vectors.Hex(challenge), vectors.Hex(state)
	v.Proof, v.Reply = vectors.Hex(proof), vectors.Hex(reply)
	st.B = v.B
	v.Transcript, v.M1, v.M2, v.Session = proofsOf(st, v)
	v.PRK = secret.Reveal(box.Extract(v.Transcript, secret.New(v.S)))
	export := session.Export(v.ExportName)
	v.Token, v.Export = session.Token(), export[:]
}

func proofsOf(st *srp.State, v *exchangeVector) (transcript, m1, m2, session vectors.Hex) {
	a, b, c, d := st.Proofs(v.Service, v.Binding, v.S)
	return a, b, c, d
}

func makeDecoys(t *testing.T) (out []decoyVector) {
	list := []decoy{{19456, 2, 1, 0, false, 1}, {65536, 3, 4, 0, true, 3}, {0, 0, 0, 600000, false, 2}, {1048576, 4, 16, 0, false, 0}}
	key, device := random(32), random(16)
	for _, v := range []decoyVector{
		{Name: "default", User: "jane", Slot: make([]byte, 16), Decoys: []decoy{}},
		{Name: "list", User: "jane", Slot: make([]byte, 16), Decoys: list},
		{Name: "list, another name", User: "june", Slot: make([]byte, 16), Decoys: list},
		{Name: "list, a third name", User: "june2", Slot: make([]byte, 16), Decoys: list},
		{Name: "list, a fourth name", User: "j\u00e4ne", Slot: make([]byte, 16), Decoys: list},
		{Name: "one cost", User: "jane", Slot: make([]byte, 16), Decoys: []decoy{{19456, 2, 1, 0, true, 1}}},
		{Name: "a code or device", User: "jane", Slot: device, Decoys: list},
	} {
		v.ServerKey, v.Service = key, service
		v.Params, v.V = v.answer(t)
		out = append(out, v)
	}
	return out
}

// makeFailures changes messages, and asks nobody what should come of it.
func makeFailures(t *testing.T, exchanges []exchangeVector) (out []failureVector) {
	find := func(name string) exchangeVector {
		n := slices.IndexFunc(exchanges, func(v exchangeVector) bool { return v.Name == name })
		require.GreaterOrEqual(t, n, 0)
		return exchanges[n]
	}
	device, pass := find("device"), find("passphrase")
	add := func(e exchangeVector, message, what string, b []byte, want string) {
		out = append(out, failureVector{message + ": " + what, e.Name, message, b, want})
	}
	for _, m := range []struct {
		message string
		bytes   []byte
	}{{"hello", device.Hello}, {"challenge", device.Challenge}, {"state", device.State}, {"proof", device.Proof}, {"reply", device.Reply}} {
		add(device, m.message, "empty", nil, "malformed")
		add(device, m.message, "a newer version", with(m.bytes, 3, 2), "newer")
		add(device, m.message, "version 0", with(m.bytes, 3, 0), "malformed")
		add(device, m.message, "another kind", with(m.bytes, 2, 'A'), "malformed")
		if m.message == "state" {
			add(device, m.message, "cut", m.bytes[:len(m.bytes)-1], "open")
			add(device, m.message, "longer", append(bytes.Clone(m.bytes), 0), "open")
			add(device, m.message, "longer than 4096 bytes", append(bytes.Clone(m.bytes), make([]byte, 4096)...), "malformed")
			continue
		}
		add(device, m.message, "cut", m.bytes[:len(m.bytes)-1], "malformed")
		add(device, m.message, "longer", append(bytes.Clone(m.bytes), 0), "malformed")
	}
	makeHelloFailures(device, add)
	makeChallengeFailures(t, device, pass, add)
	add(device, "proof", "one bit", with(device.Proof, 35, device.Proof[35]^1), "login")
	add(device, "proof", "the server's", append([]byte("skp\x01"), device.M2...), "login")
	add(device, "reply", "one bit", with(device.Reply, 4, device.Reply[4]^128), "login")
	add(device, "reply", "the client's proof", append([]byte("skr\x01"), device.M1...), "login")
	add(device, "state", "one bit", with(device.State, 200, device.State[200]^1), "open")
	add(device, "state", "of another key", pass.State, "open")
	st := &srp.State{
		Known: 0, Account: keys.AccountID(device.Account), Name: device.User, Kind: ring.Device, Slot: ring.SlotID(device.Slot),
		A: device.A, B: device.B, V: device.V, SecretB: device.SecretB,
	}
	add(device, "state", "name not known, all else right", device.server(t).SealState(st), "login")
	return out
}

type adder = func(e exchangeVector, message, what string, b []byte, want string)

func makeHelloFailures(device exchangeVector, add adder) {
	for _, name := range sortedNames(degenerate()) {
		add(device, "hello", "A = "+name, srp.EncodeHello("jane", ring.SlotID(device.Slot), degenerate()[name]), "malformed")
	}
	for _, c := range [][2]string{{"upper case", "Jane"}, {"full width", "\uff4aane"}, {"invalid UTF-8", "\xffane"}, {"a space", "ja ne"}, {"empty", ""}} {
		add(device, "hello", "name: "+c[0], srp.EncodeHello(c[1], ring.SlotID(device.Slot), device.A), "malformed")
	}
	long := srp.EncodeHello(string(bytes.Repeat([]byte{'a'}, 256)), ring.SlotID(device.Slot), device.A)
	add(device, "hello", "name of 256 bytes", long, "malformed")
	prefix := bytes.Clone(device.Hello)
	binary.BigEndian.PutUint32(prefix[4:], 1<<31)
	add(device, "hello", "length of the name beyond the end", prefix, "malformed")
}

func makeChallengeFailures(t *testing.T, device, pass exchangeVector, add adder) {
	for _, name := range sortedNames(degenerate()) {
		add(device, "challenge", "B = "+name, srp.EncodeChallenge(nil, degenerate()[name]), "malformed")
	}
	add(device, "challenge", "B of another exchange", srp.EncodeChallenge(nil, pass.B), "login")
	add(device, "challenge", "parameters for a device", srp.EncodeChallenge(pass.Params, device.B), "malformed")
	add(pass, "challenge", "no parameters for a passphrase", srp.EncodeChallenge(nil, pass.B), "malformed")
	add(pass, "challenge", "parameters cut", srp.EncodeChallenge(pass.Params[:51], pass.B), "malformed")
	add(pass, "challenge", "newer parameters", srp.EncodeChallenge(with(pass.Params, 3, 2), pass.B), "newer")
	add(pass, "challenge", "too little memory", srp.EncodeChallenge(with(pass.Params, 8, 0), pass.B), "cost")
	add(pass, "challenge", "another salt", srp.EncodeChallenge(with(pass.Params, 50, pass.Params[50]^1), pass.B), "params")
	second := with(pass.Params, 51, 1)
	add(pass, "challenge", "second secret suddenly needed", srp.EncodeChallenge(second, pass.B), "params")
	add(pass, "challenge", "one bit of B", srp.EncodeChallenge(pass.Params, with(pass.B, 383, pass.B[383]^1)), "login")
}

func sortedNames(m map[string][]byte) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func with(b []byte, i int, value byte) []byte {
	b = bytes.Clone(b)
	b[i] = value
	return b
}
