package keys

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
)

// epochValues are what the seed of one epoch becomes.
type epochValues struct {
	Seed         vectors.Hex `json:"seed"`
	KEMSeed      vectors.Hex `json:"kemSeed"`
	SignSeed     vectors.Hex `json:"signSeed"`
	DocumentsKey vectors.Hex `json:"documentsKey"`
	BookmarksKey vectors.Hex `json:"bookmarksKey"`
	Statement    vectors.Hex `json:"statement"`
	Hash         vectors.Hex `json:"hash"`
	Self         vectors.Hex `json:"self"`
	Succession   vectors.Hex `json:"succession"`
}

type identityVector struct {
	Name   string        `json:"name"`
	Epochs []epochValues `json:"epochs"`
	WantID vectors.Hex   `json:"wantID"`
	Seen   vectors.Hex   `json:"seen"`
	Record vectors.Hex   `json:"record"`
	Want   string        `json:"want"`
}

// epochsOf computes all values of seeds.
func epochsOf(seeds []secret.Key) (out []epochValues) {
	h := newHolder(seeds, nil)
	var before *statement
	for e, seed := range seeds {
		n := uint32Bytes(uint32(e))
		s := newStatement(uint32(e), signingKey(seeds, e), h.kem[e])
		if before != nil {
			s.previous = before.hash()
		}
		hash := s.hash()
		v := epochValues{
			Seed: secret.Reveal(seed), SignSeed: signingKey(seeds, e).Seed(),
			KEMSeed:      secret.Reveal(box.Expand(seed, label.AccountKEM, 32, n)),
			DocumentsKey: secret.Reveal(box.Expand(seed, label.AccountDocuments, 32, h.pub.ID[:], n)),
			BookmarksKey: secret.Reveal(box.Expand(seed, label.AccountBookmarks, 32, h.pub.ID[:], n)),
			Statement:    s.append(nil), Hash: hash[:],
			Self: ed25519.Sign(signingKey(seeds, e), s.signed(label.StatementSelf, h.pub.ID)),
		}
		if e > 0 {
			v.Succession = ed25519.Sign(signingKey(seeds, e-1), s.signed(label.StatementSuccession, h.pub.ID))
		}
		out, before = append(out, v), s
	}
	return out
}

func TestIdentityVectors(t *testing.T) {
	for _, v := range vectors.Load[identityVector](t, "keys/identities.json") {
		t.Run(v.Name, func(t *testing.T) {
			var seen *Identity
			if len(v.Seen) > 0 {
				seen = must(TrustFirst(v.Seen))(t)
			}
			i, err := ParseIdentity(v.Record, AccountID(v.WantID), seen)
			if !wanted(t, v.Want, i == nil, err) {
				return
			}
			var seeds []secret.Key
			record := []byte("skI\x01")
			for e, epoch := range v.Epochs {
				seeds = append(seeds, secret.New(epoch.Seed))
				record = append(append(append(record, epoch.Statement...), epoch.Self...), epoch.Succession...)
				assert.Equal(t, []byte(epoch.Hash), i.pub.Epochs[e].Statement[:])
			}
			assert.Equal(t, v.Epochs, epochsOf(seeds))
			assert.Equal(t, []byte(v.Record), record)
			assert.Len(t, i.pub.Epochs, len(v.Epochs))
		})
	}
}

// wayValues are a credential, without what it was made of.
type wayValues struct {
	Label  string        `json:"label"`
	Kind   ring.SlotKind `json:"kind"`
	Params vectors.Hex   `json:"params"`
	Login  vectors.Hex   `json:"login"`
	Unlock vectors.Hex   `json:"unlock"`
}

func wayOf(label string, c *Credential) wayValues {
	h := secret.Open(c.credentialSecret)
	w := wayValues{Label: label, Kind: c.kind, Login: secret.Reveal(h.login), Unlock: secret.Reveal(h.unlock)}
	if c.params != nil {
		w.Params = c.params.Bytes()
	}
	return w
}

func (w wayValues) credential(t testing.TB) *Credential {
	h := halves{secret.New(w.Login), secret.New(w.Unlock)}
	c := &Credential{credentialSecret: secret.Hide(h), kind: w.Kind}
	copy(c.slot[:], secret.Open(box.Expand(h.login, label.SlotID, 16)))
	if len(w.Params) > 0 {
		c.params = must(ParseParams(w.Params, nil))(t)
	}
	return c
}

// recordVector is a record, and what is inside. Each of a chain has the one
// before as what was seen.
type recordVector struct {
	Name       string        `json:"name"`
	Seen       vectors.Hex   `json:"seen"`
	Record     vectors.Hex   `json:"record"`
	Revision   uint64        `json:"revision"`
	Hash       vectors.Hex   `json:"hash"`
	Place      vectors.Hex   `json:"place"`
	AccountKey vectors.Hex   `json:"accountKey"`
	Seeds      []vectors.Hex `json:"seeds"`
	Labels     []string      `json:"labels"`
	Ways       []wayValues   `json:"ways"`
	Want       string        `json:"want"`
}

func TestRecordVectors(t *testing.T) {
	for _, v := range vectors.Load[recordVector](t, "keys/records.json") {
		t.Run(v.Name, func(t *testing.T) {
			var seen *LockedAccount
			if len(v.Seen) > 0 {
				seen = must(ParseLockedAccount(v.Seen, nil))(t)
			}
			l, err := ParseLockedAccount(v.Record, seen)
			if !wanted(t, v.Want, l == nil, err) {
				return
			}
			assert.Equal(t, []byte(v.Record), append(l.body(), v.Record[len(v.Record)-64:]...))
			assert.Equal(t, v.Revision, l.Revision())
			assert.Equal(t, []byte(v.Hash), l.hash[:])
			assert.Equal(t, []byte(v.Place), l.place())
			assert.Equal(t, v.Labels, labelsOf(l))
			for _, w := range v.Ways {
				c := w.credential(t)
				s, err := l.slotOf(c)
				require.NoError(t, err)
				assert.Equal(t, w.Label, s.label)
				assert.Equal(t, []byte(v.AccountKey), secret.Open(must(s.open(l.place(), c.slotKEM()))(t)))
				opened(t, must(l.Unlock(c))(t), v.Seeds)
			}
			plain, err := box.Open(box.NewKey(secret.New(v.AccountKey)), label.AccountSeeds, v.Place, l.seeds)
			require.NoError(t, err)
			assert.Len(t, plain, 32*len(v.Seeds))
		})
	}
}

func opened(t *testing.T, a *Account, seeds []vectors.Hex) {
	t.Helper()
	h := secret.Open(a.accountSecret)
	require.Len(t, h.seeds, len(seeds))
	for e := range seeds {
		assert.Equal(t, []byte(seeds[e]), secret.Open(h.seeds[e]))
	}
}

func labelsOf(l *LockedAccount) (out []string) {
	for _, s := range l.Slots() {
		out = append(out, s.Label)
	}
	return out
}

// unlockVector opens a record by a credential, or by the seeds of a trustee.
type unlockVector struct {
	Name    string        `json:"name"`
	Record  vectors.Hex   `json:"record"`
	Way     *wayValues    `json:"way"`
	Trustee []vectors.Hex `json:"trusteeSeeds"`
	Owner   vectors.Hex   `json:"owner"`
	Seeds   []vectors.Hex `json:"seeds"`
	Want    string        `json:"want"`
}

func (v unlockVector) open(t *testing.T) (*Account, error) {
	l := must(ParseLockedAccount(v.Record, nil))(t)
	if v.Way != nil {
		return l.Unlock(v.Way.credential(t))
	}
	var seeds []secret.Key
	for _, seed := range v.Trustee {
		seeds = append(seeds, secret.New(seed))
	}
	h := newHolder(seeds, nil)
	return l.UnlockAsTrustee(&Account{secret.Hide(h), &LockedAccount{id: h.pub.ID}}, AccountID(v.Owner))
}

func TestUnlockVectors(t *testing.T) {
	for _, v := range vectors.Load[unlockVector](t, "keys/unlock.json") {
		t.Run(v.Name, func(t *testing.T) {
			a, err := v.open(t)
			if wanted(t, v.Want, a == nil, err) {
				opened(t, a, v.Seeds)
			}
		})
	}
}

// successorVector is a change that a server is asked to store.
type successorVector struct {
	Name   string      `json:"name"`
	Stored vectors.Hex `json:"stored"`
	Record vectors.Hex `json:"record"`
	Want   string      `json:"want"`
}

func TestSuccessorVectors(t *testing.T) {
	for _, v := range vectors.Load[successorVector](t, "keys/successors.json") {
		t.Run(v.Name, func(t *testing.T) {
			next, err := must(ParseLockedAccount(v.Stored, nil))(t).Next(v.Record)
			if wanted(t, v.Want, next == nil, err) {
				assert.Equal(t, []byte(v.Record), next.Bytes())
			}
		})
	}
}
