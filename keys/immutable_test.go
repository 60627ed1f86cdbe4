package keys_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// TestCallersSlices changes whatever went in and came out: nothing inside
// changes with it.
func TestCallersSlices(t *testing.T) {
	phone := device(1)
	a := try(t)(keys.NewAccount(phone).Rotate())
	record, identity := a.Locked().Bytes(), a.Identity().Bytes()
	spoil := func(b []byte) {
		for i := range b {
			b[i] ^= 0x55
		}
	}
	in := a.Locked().Bytes()
	l, err := keys.ParseLockedAccount(in, nil)
	require.NoError(t, err)
	spoil(in)
	in = a.Identity().Bytes()
	i, err := keys.ParseIdentity(in, a.ID(), nil)
	require.NoError(t, err)
	spoil(in)
	pass := passphrase(t, "correct horse")
	in = pass.Params().Bytes()
	p, err := keys.ParseParams(in, nil)
	require.NoError(t, err)
	spoil(in)

	spoil(l.Bytes())
	spoil(i.Bytes())
	spoil(p.Bytes())
	public := i.Public()
	spoil(public.Record)
	for n := range public.Epochs {
		spoil(public.Epochs[n].Sign)
	}
	public.Epochs[0].Statement[0] ^= 1
	public.KEM = nil
	v, ok := l.Verifier(ring.HalfOf(phone.Login()).Slot)
	require.True(t, ok)
	spoil(v.V)
	l.Slots()[0].Label = "other"
	spoil(ring.HalfOf(pass.Login()).Params)

	assert.Equal(t, record, l.Bytes())
	assert.Equal(t, identity, i.Bytes())
	assert.Equal(t, pass.Params().Bytes(), p.Bytes())
	assert.Equal(t, a.Identity().Public().Epochs, i.Public().Epochs)
	opened := try(t)(l.Unlock(phone))
	next := try(t)(opened.Add("paper", keys.NewCode().Credential()))
	_, err = l.Next(next.Locked().Bytes())
	assert.NoError(t, err)
	try(t)(keys.NewAccount(device(2)).AddTrustee("friend", i))
}

// TestConcurrent uses one of each value from many places at once, for the race
// detector.
func TestConcurrent(t *testing.T) {
	phone, code := device(1), keys.NewCode()
	friend := keys.NewAccount(device(2))
	a := try(t)(keys.NewAccount(phone).AddTrustee("friend", friend.Identity()))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			opened, err := a.Locked().Unlock(phone)
			assert.NoError(t, err)
			_, err = a.Locked().UnlockAsTrustee(friend, a.ID())
			assert.NoError(t, err)
			_, err = opened.Add(code.Show()[:5], code.Credential())
			assert.NoError(t, err)
			_, err = a.Rotate()
			assert.NoError(t, err)
			_, err = keys.ParseIdentity(a.Identity().Bytes(), a.ID(), a.Identity())
			assert.NoError(t, err)
			_, err = ring.Of(a.Ring()).Sealing()
			assert.NoError(t, err)
		})
	}
	wait.Wait()
}
