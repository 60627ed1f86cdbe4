package keys

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
)

// TestChains parses chains of 1 to 64 epochs, and refuses the 65th.
func TestChains(t *testing.T) {
	seeds := someSeeds(epochLimit + 1)
	for _, n := range []int{1, 2, 3, 17, 63, 64} {
		record, id := chain(seeds[:n], unchanged)
		i, err := ParseIdentity(record, id, nil)
		require.NoError(t, err)
		assert.Equal(t, uint32(n-1), i.Epoch())
		assert.Equal(t, record, i.Bytes())
		h := newHolder(seeds[:n], nil)
		assert.Equal(t, i.pub.Epochs, h.pub.Epochs)
		assert.Equal(t, record, h.pub.Record)
	}
	record, id := chain(seeds, unchanged)
	_, err := ParseIdentity(record, id, nil)
	assert.ErrorIs(t, err, ErrMalformed)
}

// TestRotateToTheLimit rotates an account until it may no longer. All epochs
// stay openable, and the record within its limits.
func TestRotateToTheLimit(t *testing.T) {
	c := device(1)
	h := newHolder(someSeeds(epochLimit-1), nil)
	a := must(h.lock(nil, []*slot{newSlot(h.pub, "phone", c)}))(t)
	a = must(a.Rotate())(t)
	require.Equal(t, uint32(epochLimit-1), a.Identity().Epoch())
	again := must(a.Locked().Unlock(c))(t)
	assert.Len(t, secret.Open(again.accountSecret).seeds, epochLimit)
	got, err := a.Rotate()
	assert.ErrorIs(t, err, ErrMalformed)
	assert.ErrorContains(t, err, "at most 64 epochs")
	assert.Nil(t, got)
	must(a.Add("paper", NewCode().Credential()))(t)
}

// TestChainRules signs chains that break one rule each.
func TestChainRules(t *testing.T) {
	seeds := someSeeds(3)
	good, id := chain(seeds, unchanged)
	at := func(epoch int, change func(s *statement)) []byte {
		record, _ := chain(seeds, func(e int, s *statement) {
			if e == epoch {
				change(s)
			}
		})
		return record
	}
	const first = 4 + statementSize + 64 // where statement 1 begins
	const next = statementSize + 128
	swapped := slices.Concat(good[:first], good[first+next:], good[first:first+next])
	twice := slices.Concat(good[:first+next], good[first:])
	signatures := bytes.Clone(good) // self and succession of epoch 1 exchanged
	copy(signatures[first+statementSize:], good[first+statementSize+64:first+next])
	copy(signatures[first+statementSize+64:], good[first+statementSize:first+statementSize+64])
	for name, c := range map[string]struct {
		record []byte
		want   error
	}{
		"epoch 0 is 1":           {at(0, func(s *statement) { s.epoch = 1 }), ErrMalformed},
		"epoch 1 is 0":           {at(1, func(s *statement) { s.epoch = 0 }), ErrMalformed},
		"epoch 2 is 3":           {at(2, func(s *statement) { s.epoch = 3 }), ErrMalformed},
		"something before 0":     {at(0, func(s *statement) { s.previous[0] = 1 }), ErrMalformed},
		"another one before 1":   {at(1, func(s *statement) { s.previous[0] ^= 1 }), ErrMalformed},
		"zero before 2":          {at(2, func(s *statement) { s.previous = [32]byte{} }), ErrMalformed},
		"statement of version 0": {at(1, func(s *statement) { s.version = 0 }), ErrMalformed},
		"statement of version 2": {at(1, func(s *statement) { s.version = 2 }), ErrNewer},
		"signing key of others":  {at(1, func(s *statement) { copy(s.sign[:], signingKey(someSeeds(1), 0).Public().(ed25519.PublicKey)) }), ErrMalformed},
		"signing key no point":   {at(1, func(s *statement) { s.sign = [32]byte{2} }), ErrMalformed},
		"KEM key not reduced":    {at(2, func(s *statement) { copy(s.kem[:], bytes.Repeat([]byte{0xff}, 384)) }), ErrMalformed},
		"statements exchanged":   {swapped, ErrMalformed},
		"a statement twice":      {twice, ErrMalformed},
		"signatures exchanged":   {signatures, ErrMalformed},
		"heading only":           {good[:4], ErrMalformed},
		"empty":                  {nil, ErrMalformed},
		"a byte behind":          {append(bytes.Clone(good), 0), ErrMalformed},
		"version 2":              {slices.Concat([]byte("skI\x02"), good[4:]), ErrNewer},
		"version 0":              {slices.Concat([]byte("skI\x00"), good[4:]), ErrMalformed},
		"an account record":      {slices.Concat([]byte("skA\x01"), good[4:]), ErrMalformed},
	} {
		for _, parse := range []func() (*Identity, error){
			func() (*Identity, error) { return ParseIdentity(c.record, id, nil) },
			func() (*Identity, error) { return TrustFirst(c.record) },
		} {
			got, err := parse()
			assert.ErrorIs(t, err, c.want, name)
			assert.Nil(t, got, name)
		}
	}
}

// TestSuccession shows that a new epoch needs both keys: the server adds no key
// of its own (A05, A06).
func TestSuccession(t *testing.T) {
	mine, evil := someSeeds(1), newSeed()
	id := newHolder(mine, nil).pub.ID
	s := newStatement(1, signingKey([]secret.Key{evil}, 0), kemOf([]secret.Key{evil}, 0))
	record, _ := chain(mine, func(_ int, first *statement) { s.previous = first.hash() })
	message := func(l label.Label) []byte { return s.signed(l, id) }
	evilKey, myKey := signingKey([]secret.Key{evil}, 0), signingKey(mine, 0)
	for _, c := range []struct {
		self, succession []byte
		ok               bool
	}{
		{ed25519.Sign(evilKey, message(label.StatementSelf)), ed25519.Sign(myKey, message(label.StatementSuccession)), true},
		{ed25519.Sign(evilKey, message(label.StatementSelf)), ed25519.Sign(evilKey, message(label.StatementSuccession)), false},
		{ed25519.Sign(myKey, message(label.StatementSelf)), ed25519.Sign(myKey, message(label.StatementSuccession)), false},
		{ed25519.Sign(evilKey, message(label.StatementSelf)), ed25519.Sign(myKey, message(label.StatementSelf)), false},
		{ed25519.Sign(evilKey, message(label.StatementSuccession)), ed25519.Sign(myKey, message(label.StatementSuccession)), false},
		{ed25519.Sign(evilKey, message(label.StatementSelf)), ed25519.Sign(myKey, message(label.AccountRecord)), false},
	} {
		_, err := ParseIdentity(slices.Concat(s.append(bytes.Clone(record)), c.self, c.succession), id, nil)
		if c.ok {
			require.NoError(t, err)
			continue
		}
		assert.ErrorIs(t, err, ErrMalformed)
	}
}

// TestEveryBitOfIdentity flips each bit of one epoch and of a part of two, and
// cuts at each length.
func TestEveryBitOfIdentity(t *testing.T) {
	t.Run("one epoch", func(t *testing.T) { everyBit(t, someSeeds(1), 1) })
	t.Run("two epochs", func(t *testing.T) { everyBit(t, someSeeds(2), 9) }) // each byte, and other bits of it
}

func everyBit(t *testing.T, seeds []secret.Key, step int) {
	record, id := chain(seeds, unchanged)
	if testing.Short() {
		step *= 17
	}
	for bit := 0; bit < 8*len(record); bit += step {
		record[bit/8] ^= 1 << (bit % 8)
		got, err := ParseIdentity(record, id, nil)
		record[bit/8] ^= 1 << (bit % 8)
		require.Nil(t, got, bit)
		require.True(t, errors.Is(err, ErrMalformed) || errors.Is(err, ErrNewer), bit)
	}
	for n := range record {
		_, err := ParseIdentity(record[:n], id, nil)
		if n == 4+statementSize+64 && len(seeds) > 1 { // the first epoch alone
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrMalformed)
	}
}

// TestIdentitySeen pins what was seen (A06).
func TestIdentitySeen(t *testing.T) {
	seeds := someSeeds(4)
	parse := func(seeds []secret.Key) *Identity {
		record, id := chain(seeds, unchanged)
		return must(ParseIdentity(record, id, nil))(t)
	}
	forked := slices.Concat(seeds[:2], someSeeds(2))
	id := parse(seeds).ID()
	for _, c := range []struct {
		record, seen []secret.Key
		want         error
	}{
		{seeds, seeds[:1], nil}, {seeds, seeds, nil}, {forked, seeds[:2], nil},
		{seeds[:3], seeds, ErrRollback}, {seeds[:1], forked, ErrRollback},
		{forked, seeds, ErrFork}, {forked, seeds[:3], ErrFork}, {forked[:3], seeds, ErrFork},
	} {
		_, err := ParseIdentity(parse(c.record).Bytes(), id, parse(c.seen))
		if c.want == nil {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorIs(t, err, c.want)
	}
	stranger := parse(someSeeds(1))
	_, err := ParseIdentity(stranger.Bytes(), id, nil)
	assert.ErrorIs(t, err, ErrMismatch, "keys of somebody else (A01)")
	_, err = ParseIdentity(parse(seeds).Bytes(), id, stranger)
	assert.ErrorIs(t, err, ErrMismatch, "a pin of somebody else")
	trusted, err := TrustFirst(stranger.Bytes())
	require.NoError(t, err)
	assert.Equal(t, stranger.ID(), trusted.ID())
}

// TestUnsoundSigningKeys puts every encoding that is of small order or not
// canonical into a statement whose signature would verify: with such keys S·B =
// R + k·A holds for chosen signatures.
func TestUnsoundSigningKeys(t *testing.T) {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	var unsound [][32]byte
	for _, y := range smallOrder {
		unsound = append(unsound, y)
		y[31] |= 0x80
		unsound = append(unsound, y)
	}
	for d := range int64(19) { // p … p+18 are y = 0 … 18
		y := little(new(big.Int).Add(p, big.NewInt(d)))
		unsound = append(unsound, y)
		y[31] |= 0x80
		unsound = append(unsound, y)
	}
	for _, key := range unsound {
		assert.False(t, soundSigningKey(key), hex.EncodeToString(key[:]))
		record, _ := chain(someSeeds(1), func(_ int, s *statement) { s.sign = key })
		for _, sig := range [][]byte{
			append([]byte{1}, make([]byte, 63)...), // R the neutral element, S = 0
			append(key[:], make([]byte, 32)...),    // R = A, S = 0
		} {
			copy(record[len(record)-64:], sig)
			_, err := TrustFirst(record)
			require.ErrorIs(t, err, ErrMalformed)
		}
	}
	sound := little(new(big.Int).Sub(p, big.NewInt(2)))
	assert.True(t, soundSigningKey(sound), "the largest y but −1")
	assert.True(t, soundSigningKey([32]byte(signingKey(someSeeds(1), 0).Public().(ed25519.PublicKey))))
}

// TestSmallOrderMatters shows that the check is needed: under the neutral
// element, one signature fits every message.
func TestSmallOrderMatters(t *testing.T) {
	key := append([]byte{1}, make([]byte, 31)...)
	sig := append([]byte{1}, make([]byte, 63)...)
	assert.True(t, ed25519.Verify(key, []byte("anything"), sig))
}

// TestMalleability adds L to S of each signature of a chain.
func TestMalleability(t *testing.T) {
	record, id := chain(someSeeds(2), unchanged)
	for _, at := range []int{4 + statementSize, 4 + 2*statementSize + 64, 4 + 2*statementSize + 128} {
		changed := bytes.Clone(record)
		copy(changed[at:], plusL(record[at:at+64]))
		require.NotEqual(t, record, changed)
		_, err := ParseIdentity(changed, id, nil)
		assert.ErrorIs(t, err, ErrMalformed)
	}
}

// TestLowOrderKEM puts the X25519 values of low order behind a good ML-KEM key:
// the key parses, but nobody could seal to it (spec, Section 5.3).
func TestLowOrderKEM(t *testing.T) {
	for _, h := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	} {
		low, err := hex.DecodeString(h)
		require.NoError(t, err)
		record, id := chain(someSeeds(1), func(_ int, s *statement) { copy(s.kem[box.PublicKeySize-32:], low) })
		_, err = box.KEM().NewPublicKey(record[4+5 : 4+5+box.PublicKeySize])
		require.NoError(t, err, "this is why a trial is needed")
		_, err = ParseIdentity(record, id, nil)
		assert.ErrorIs(t, err, ErrMalformed, h)
	}
}

// plusL returns a signature with L added to S, which verifies where S < L is
// not checked.
func plusL(sig []byte) []byte {
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := bytes.Clone(sig[32:])
	slices.Reverse(s)
	sum := little(l.Add(l, new(big.Int).SetBytes(s)))
	return slices.Concat(sig[:32], sum[:])
}

func little(x *big.Int) (out [32]byte) {
	x.FillBytes(out[:])
	slices.Reverse(out[:])
	return out
}
