package attack_test

import (
	"bytes"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

// login are the attacks on passphrases, the slow hash and the login.
func login() []row {
	return []row{
		{"A52_cheaper_parameters", a52}, {"A53_stale_cost", a53}, {"A54_strengthening_the_wrong_path", a54},
		{"A55_login_secret_opens_data", a55}, {"A56_dictionary_on_the_store", a56}, {"A57_server_proves_first", a57},
		{"A58_degenerate_values", a58}, {"A60_group_from_the_server", a60}, {"A61_two_guesses_per_login", a61},
		{"A62_encoding_of_numbers", a62}, {"A63_side_channels", a63}, {"A65_salt_from_the_server", a65},
		{"A66_record_before_the_proof", a66}, {"A68_counters_of_the_attacker", a68}, {"A69_forms_of_text", a69},
		{"A70_malicious_code", a70},
	}
}

// paramsOf is a record of parameters (spec, Section 4.3).
func paramsOf(c keys.Cost, salt []byte, second byte) []byte {
	kdf := byte(1)
	if c.Iterations != 0 {
		kdf = 2
	}
	b := append(wire.AppendHeading(nil, wire.Params), 1, kdf)
	b = wire.AppendUint32(wire.AppendUint32(b, c.Memory), c.Passes)
	b = wire.AppendUint32(append(b, c.Lanes), c.Iterations)
	return append(append(b, salt...), second)
}

// a52: the server asks for less, or for more than a device can do, before the
// login. What is refused is refused before any work.
func a52(t *testing.T) {
	seen := must(keys.ParseParams(paramsOf(keys.Cost{Memory: 65536, Passes: 3, Lanes: 4}, random(32), 0), nil))
	_, _, lookup := janesAccount()
	client, challenge, _ := start(t, server(t), jane, janes(), lookup)
	costs := []keys.Cost{{Memory: 65535, Passes: 3, Lanes: 4}, {Memory: 65536, Passes: 2, Lanes: 4}, cheap, {Iterations: 10_000_000}} // less than seen
	for _, memory := range []uint32{0, 1, 19<<10 - 1, 1<<20 + 1, 1<<32 - 1} {
		costs = append(costs, keys.Cost{Memory: memory, Passes: 3, Lanes: 4})
	}
	for _, passes := range []uint32{0, 1, 17, 1<<32 - 1} {
		costs = append(costs, keys.Cost{Memory: 65536, Passes: passes, Lanes: 4})
	}
	for _, lanes := range []uint8{0, 17, 255} {
		costs = append(costs, keys.Cost{Memory: 65536, Passes: 3, Lanes: lanes})
	}
	for _, iterations := range []uint32{1, 5000, 599_999, 10_000_001, 1<<32 - 1} {
		costs = append(costs, keys.Cost{Iterations: iterations})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, c := range costs {
		fake := challengeOf(paramsOf(c, random(32), 0), challenge[len(challenge)-384:])
		params, err := client.Params(fake, seen)
		require.Error(t, err, c)
		require.Nil(t, params, c)
		_, proof, err := client.Respond(fake, janes())
		require.Error(t, err, c)
		require.Nil(t, proof, "nothing is sent")
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(19<<20), "the memory of one slow hash")
	_, err := client.Params(challengeOf(paramsOf(seen.Cost(), random(32), 1), challenge[len(challenge)-384:]), seen)
	require.ErrorIs(t, err, keys.ErrParams, "another need of the second secret")
}

// a53: an account of a time when less was the default.
func a53(t *testing.T) {
	old := keys.NewAccount(janes())
	require.True(t, old.Locked().Params().Outdated())
	fresh := must(keys.NewPassphrase(jane, passphrase, keys.Cost{}, nil))
	upgraded := must(old.SetPassphrase(fresh)) // verifier, slot and parameters: one record
	require.False(t, upgraded.Locked().Params().Outdated())
	next, err := old.Locked().Next(upgraded.Locked().Bytes())
	require.NoError(t, err)
	_, err = keys.ParseLockedAccount(old.Locked().Bytes(), next)
	require.ErrorIs(t, err, keys.ErrRollback)
	_, err = keys.ParseParams(old.Locked().Params().Bytes(), next.Params())
	require.ErrorIs(t, err, keys.ErrParams)
	// A crash leaves one record or the other, and each opens by its own.
	_, err = old.Locked().Unlock(janes())
	require.NoError(t, err)
	_, err = upgraded.Locked().Unlock(fresh)
	require.NoError(t, err)
	_, err = upgraded.SetPassphrase(janes())
	require.ErrorIs(t, err, keys.ErrParams, "and not back")
	v, ok := upgraded.Locked().Verifier(ring.SlotID{})
	require.True(t, ok)
	require.Equal(t, pad(power(gen, xOf(fresh))), v.V, "the verifier went with it")
}

// a54: all that is stored, for one passphrase and two salts: nothing is common,
// so nothing can be tested without the slow hash, and there is one.
func a54(t *testing.T) {
	one, two := keys.NewAccount(janes()), keys.NewAccount(must(keys.NewPassphrase(jane, passphrase, cheap, nil)))
	seen := map[[16]byte]bool{}
	for _, a := range []*keys.Account{one, two} {
		record := a.Locked().Bytes()
		slot := record[partsOf(record).slots:]
		secrets := slot[1+4+len("passphrase")+4+52:] // behind kind, label and parameters
		for at := 0; at+16 <= len(secrets); at++ {
			require.False(t, seen[[16]byte(secrets[at:])], "%d", at)
			seen[[16]byte(secrets[at:])] = true
		}
		for _, cheap := range [][]byte{hash([]byte(passphrase)), hash([]byte("jane"), []byte(passphrase)), []byte(passphrase)} {
			require.NotContains(t, string(record), string(cheap))
		}
	}
	calls := map[string]int{}
	source(t, func(_, text string) {
		for _, call := range []string{"argon2.IDKey(", "pbkdf2.Key(", ".slow(form", "Stretch(who Login"} {
			calls[call] += strings.Count(text, call)
		}
	})
	assert.Equal(t, map[string]int{"argon2.IDKey(": 1, "pbkdf2.Key(": 1, ".slow(form": 1, "Stretch(who Login": 1}, calls)
}

// a55: all that is sent to, or computed with, the server is tried on what is
// stored.
func a55(t *testing.T) {
	phone := device()
	me := keys.NewAccount(phone)
	lookup := accounts(map[string]*keys.LockedAccount{"jane": me.Locked()})
	w, _ := found(t, me)
	talk, hello := begin(jane, phone)
	challenge, state, err := server(t).Challenge(hello, lookup)
	require.NoError(t, err)
	talk.B = challenge[len(challenge)-384:]
	S := talk.secretOf(factor, xOf(phone))
	m1, m2, session := talk.proofs(S)
	done, _, err := server(t).Verify(state, proofOf(m1))
	require.NoError(t, err)
	export := done.Export("everything")
	record, link := me.Locked().Bytes(), w.s.Link(w.id, me.ID())
	p := partsOf(record)
	for name, key := range map[string][]byte{
		"x": xOf(phone), "a": talk.a, "M1": m1, "M2": m2, "session": session, "export": export[:], "H(S)": hash(S), "H(v)": hash(pad(power(gen, xOf(phone)))),
	} {
		_, err := me.Locked().Unlock(keys.Device([32]byte(key)))
		require.ErrorIs(t, err, keys.ErrOpen, name)
		kem := must(box.KEM().NewPrivateKey(key))
		require.NotContains(t, string(record), string(kem.PublicKey().Bytes()), name)
		_, err = box.Open(box.NewKey(secretKey(key)), label.AccountSeeds, accountPlace(me), record[p.seeds:p.slots-1])
		require.ErrorIs(t, err, box.ErrOpen, name)
		_, err = box.OpenFrom(kem, label.GroupLink, linkPlace(headAfter(w.s.Log(w.id), 0), 1, me.Identity().Public()), link[linkHead:])
		require.ErrorIs(t, err, box.ErrOpen, name)
	}
	all := label.All()
	for i, l := range all {
		for j, m := range all {
			require.False(t, i != j && strings.HasPrefix(string(l), string(m)), "%s and %s", l, m)
		}
	}
}

// a56: the whole store, and the right passphrase, without the second secret.
func a56(t *testing.T) {
	second := keys.NewCode()
	right := must(keys.NewPassphrase(jane, passphrase, cheap, second))
	locked := keys.NewAccount(right).Locked()
	v, _ := locked.Verifier(ring.SlotID{})
	guess := func(passphrase string, second *keys.Code) (verifier, opens bool) {
		c := must(locked.Params().Stretch(jane, passphrase, second))
		_, err := locked.Unlock(c)
		return bytes.Equal(pad(power(gen, xOf(c))), v.V), err == nil
	}
	verifier, opened := guess(passphrase, second)
	require.True(t, verifier && opened, "the attack itself")
	for _, word := range []string{passphrase, "letmein"} {
		verifier, opened := guess(word, keys.NewCode())
		require.False(t, verifier || opened, word)
	}
	_, err := locked.Params().Stretch(jane, passphrase, nil)
	require.ErrorIs(t, err, keys.ErrParams)
}

// a57: an outsider starts a login, and looks in all that the server says for a
// value to know the passphrase by, with a dictionary that has it.
func a57(t *testing.T) {
	_, _, lookup := janesAccount()
	s := server(t)
	talk, hello := begin(jane, janes())
	challenge, state, err := s.Challenge(hello, lookup)
	require.NoError(t, err)
	session, reply, err := s.Verify(state, proofOf(random(32)))
	require.ErrorIs(t, err, srp.ErrLogin)
	require.Nil(t, session)
	require.Nil(t, reply, "the server's proof before the client's")
	talk.B = challenge[len(challenge)-384:]
	for _, c := range []*keys.Credential{janes(), must(janes().Params().Stretch(jane, "letmein", nil))} {
		S := talk.secretOf(factor, xOf(c))
		m1, m2, session := talk.proofs(S)
		v := power(gen, xOf(c))
		for _, value := range [][]byte{S, m1, m2, session, pad(v), pad(times(factor, v)), pad(new(big.Int).Sub(number(talk.B), times(factor, v)))} {
			require.NotContains(t, string(challenge), string(value[:32]))
		}
		_, _, err := s.Verify(state, proofOf(m1)) // the control: where a state is not taken, one word is right
		require.Equal(t, c == janes(), err == nil)
	}
}

// degenerate are public values that no honest peer sends.
func degenerate() map[string][]byte {
	raw := func(x *big.Int) []byte { return x.FillBytes(make([]byte, 384)) }
	one := big.NewInt(1)
	return map[string][]byte{
		"0": raw(new(big.Int)), "1": raw(one), "N-1": raw(new(big.Int).Sub(prime, one)), "N": raw(prime), "N+1": raw(new(big.Int).Add(prime, one)),
		"2N": times(prime, big.NewInt(2)).Bytes(), "2^3072-1": bytes.Repeat([]byte{255}, 384), "2^3072": append([]byte{1}, make([]byte, 384)...), "none": nil,
	}
}

// a58: multiples of N and their like, on both sides, and a server that does not
// prove itself.
func a58(t *testing.T) {
	me, phone, lookup := janesAccount()
	s := server(t)
	client, challenge, state := start(t, s, jane, phone, lookup)
	for name, value := range degenerate() {
		c, st, err := s.Challenge(helloOf("jane", ring.HalfOf(phone.Login()).Slot, value), lookup)
		require.ErrorIs(t, err, keys.ErrMalformed, name)
		require.True(t, c == nil && st == nil, name)
		pending, proof, err := client.Respond(challengeOf(nil, value), phone)
		require.ErrorIs(t, err, keys.ErrMalformed, name)
		require.True(t, pending == nil && proof == nil, name)
		if len(value) == 384 { // as a verifier, under which S is known
			record := me.Locked().Bytes()
			v, _ := me.Locked().Verifier(ring.SlotID{})
			_, err = keys.ParseLockedAccount(resigned(me, bytes.Replace(record, v.V, value, 1)), nil)
			require.ErrorIs(t, err, keys.ErrMalformed, name)
		}
	}
	pending, proof, err := client.Respond(challenge, phone)
	require.NoError(t, err)
	_, reply, err := s.Verify(state, proof)
	require.NoError(t, err)
	for name, r := range map[string][]byte{"echo": append(reply[:4:4], proof[4:]...), "random": append(reply[:4:4], random(32)...), "zeros": append(reply[:4:4], make([]byte, 32)...), "none": nil, "one bit": flip(reply, 35)} {
		session, err := pending.Finish(r)
		require.Error(t, err, name)
		require.Nil(t, session, name)
	}
	_, err = pending.Finish(reply)
	require.NoError(t, err)
}

// a60: N and g of the server's own, in every field that a challenge has.
func a60(t *testing.T) {
	_, phone, lookup := janesAccount()
	client, challenge, _ := start(t, server(t), jane, phone, lookup)
	weak := make([]byte, 384)
	weak[383] = 23
	B := challenge[len(challenge)-384:]
	for name, m := range map[string][]byte{
		"N and g behind": append(append(bytes.Clone(challenge), weak...), 5), "group id": append(bytes.Clone(challenge), 1),
		"in front of B": append(append(bytes.Clone(challenge[:8]), weak...), B...), "as parameters": challengeOf(weak[:64], B),
		"a shorter B": challengeOf(nil, B[128:]),
	} {
		_, proof, err := client.Respond(m, phone)
		require.ErrorIs(t, err, keys.ErrMalformed, name)
		require.Nil(t, proof, name)
	}
	for at := range 4 { // suite, version
		_, _, err := client.Respond(flip(challenge, at), phone)
		require.Error(t, err)
	}
	assert.Equal(t, 3072, prime.BitLen())
	assert.True(t, prime.ProbablyPrime(8) && new(big.Int).Rsh(prime, 1).ProbablyPrime(8), "a safe prime")
}

// a61: an impostor without a verifier sends B = g^x1 + g^x2 for two guesses.
func a61(t *testing.T) {
	x1, x2 := device(), device()
	v1, v2 := power(gen, xOf(x1)), power(gen, xOf(x2))
	two := pad(new(big.Int).Add(v1, v2))
	for _, victim := range []*keys.Credential{x1, x2} {
		client, hello, err := srp.NewClient(jane, victim)
		require.NoError(t, err)
		run := func(B []byte, guesses map[*big.Int][]byte) (matches int) {
			_, proof, err := client.Respond(challengeOf(nil, B), victim)
			require.NoError(t, err)
			talk := &talk{service: service, name: "jane", half: ring.HalfOf(victim.Login()), A: hello[len(hello)-384:], B: B}
			for v, b := range guesses {
				m1, _, _ := talk.proofs(pad(power(times(number(talk.A), power(v, hash(talk.A, B))), b)))
				if bytes.Equal(m1, proof[4:]) {
					matches++
				}
			}
			return matches
		}
		require.Zero(t, run(two, map[*big.Int][]byte{v1: xOf(x2), v2: xOf(x1)}), "two guesses in one login")
		b := random(32)
		one := pad(new(big.Int).Add(times(factor, v1), power(gen, b)))
		require.Equal(t, victim == x1, run(one, map[*big.Int][]byte{v1: b}) == 1, "one guess per login is what SRP gives")
	}
	require.Greater(t, factor.BitLen(), 240)
}

// a62: numbers that begin with zero bytes, against a second implementation, and
// each field of the transcript changed.
func a62(t *testing.T) {
	phone := device()
	kv := func() []byte { return pad(times(factor, power(gen, xOf(phone)))) }
	for kv()[0] < 0x80 {
		phone = device()
	}
	lookup := accounts(map[string]*keys.LockedAccount{"jane": keys.NewAccount(phone).Locked()})
	s := server(t)
	var talking *talk
	var hello srp.Message
	for talking == nil || talking.A[0] != 0 {
		talking, hello = begin(jane, phone)
	}
	smaller := 0
	for n := 0; n < 8 || smaller == 0; n++ { // B below k·g^x in half of them, and more
		challenge, state, err := s.Challenge(hello, lookup)
		require.NoError(t, err)
		talking.B = challenge[len(challenge)-384:]
		if bytes.Compare(talking.B, kv()) < 0 {
			smaller++
		}
		m1, m2, _ := talking.proofs(talking.secretOf(factor, xOf(phone)))
		_, reply, err := s.Verify(state, proofOf(m1))
		require.NoError(t, err)
		require.Equal(t, m2, []byte(reply[4:]))
		S := talking.secretOf(factor, xOf(phone))
		for name, change := range map[string]func(*talk){
			"service": func(x *talk) { x.service = "notes.exampl" }, "name": func(x *talk) { x.name = "janet" },
			"moved": func(x *talk) { x.service, x.name = "notes.examplej", "ane" }, "kind": func(x *talk) { x.half.Kind = ring.Code },
			"slot": func(x *talk) { x.half.Slot[0] ^= 1 }, "params": func(x *talk) { x.half.Params = []byte("p") },
			"A, not padded": func(x *talk) { x.A = x.A[1:] }, "B": func(x *talk) { x.B = flip(x.B, 383) },
		} {
			other := *talking
			change(&other)
			m1, _, _ := other.proofs(S)
			_, _, err := s.Verify(state, proofOf(m1))
			require.ErrorIs(t, err, srp.ErrLogin, name)
		}
	}
}

// a63: what the source promises. Below it, nothing is promised.
func a63(t *testing.T) {
	source(t, func(path, text string) {
		if !strings.HasSuffix(path, "/modexp/modexp.go") { // copies the public N and g
			assert.NotContains(t, text, `"math/big"`, path)
		}
		assert.NotContains(t, text, "VarTime", path)
		assert.NotContains(t, text, `"math/rand`, path)
		if strings.Contains(path, "/srp/") {
			for _, leaky := range []string{"Equal(m1", "Equal(m2", "bytes.Compare(", "== m1", "== m2"} {
				assert.NotContains(t, text, leaky, path)
			}
		}
	})
}

// a65: another one's salt, a short, an empty or a repeated one, an older form.
func a65(t *testing.T) {
	_, _, lookup := janesAccount()
	s := server(t)
	client, challenge, state := start(t, s, jane, janes(), lookup)
	B := challenge[len(challenge)-384:]
	good := janes().Params().Bytes()
	older := bytes.Clone(good)
	older[4] = 0
	for name, params := range map[string][]byte{"short": append(bytes.Clone(good[:35]), good[51]), "empty": append(bytes.Clone(good[:19]), good[51]), "none": nil, "older form": older} {
		_, err := client.Params(challengeOf(params, B), nil)
		require.ErrorIs(t, err, keys.ErrMalformed, name)
	}
	// A salt that the server chose, or gave to others too: service and name are
	// in the hash, and the parameters in the proof.
	chosen := must(keys.ParseParams(paramsOf(cheap, make([]byte, 32), 0), nil))
	tricked := must(chosen.Stretch(jane, passphrase, nil))
	for _, who := range []keys.Login{{Service: service, Name: "bob"}, {Service: "other.example", Name: "jane"}} {
		require.NotEqual(t, xOf(tricked), xOf(must(chosen.Stretch(who, passphrase, nil))), "one table for two")
	}
	_, proof, err := client.Respond(challengeOf(chosen.Bytes(), B), tricked)
	require.NoError(t, err)
	_, _, err = s.Verify(state, proof)
	require.ErrorIs(t, err, srp.ErrLogin)
	_, _, err = client.Respond(challengeOf(chosen.Bytes(), B), janes())
	require.ErrorIs(t, err, keys.ErrParams)
	_, err = keys.NewAccount(janes()).Locked().Unlock(tricked)
	require.ErrorIs(t, err, keys.ErrParams, "presented and authenticated salt differ")
}
