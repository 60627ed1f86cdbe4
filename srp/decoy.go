package srp

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/wire"
	"github.com/sealkin/sealkin/keys"
)

// A Decoy is a cost that names which are not known may seem to have.
type Decoy struct {
	Cost   keys.Cost // the zero Cost is the default of package keys
	Second bool      // whether a second secret seems to be needed
	Weight uint32    // how often, beside the other decoys
}

// soundDecoys returns the app's list, with the numbers of the default cost in
// place of zeros. An empty one stands for that cost.
func soundDecoys(list []Decoy) ([]Decoy, error) {
	if len(list) == 0 {
		list = []Decoy{{Weight: 1}}
	}
	var sum uint64
	decoys := make([]Decoy, len(list))
	for n, d := range list {
		p, err := keys.DecoyParams(d.Cost, d.Second, [32]byte{})
		if err != nil {
			return nil, err
		}
		d.Cost = p.Cost()
		decoys[n] = d
		sum += uint64(d.Weight)
	}
	if sum == 0 {
		return nil, errors.New("srp: the decoys have no weight")
	}
	return decoys, nil
}

// answer collects what a hello is answered with (spec, Section 7.5). The fakes
// are computed for every name, and then what is real is selected.
func (s *Server) answer(h hello, account *keys.LockedAccount) *state {
	st := &state{name: h.name, slot: h.slot, A: h.public, kind: ring.Code, v: s.fakeVerifier(h)}
	fake := s.fakeParams(h.name)
	if h.slot == (ring.SlotID{}) {
		st.kind, st.params = ring.Passphrase, fake
	}
	verifier := ring.Verifier{Kind: st.kind, Params: st.params, V: st.v}
	if account != nil {
		if real, ok := account.Verifier(h.slot); ok {
			verifier, st.known, st.account = real, 1, account.ID()
		}
	}
	st.kind, st.params = verifier.Kind, bytes.Clone(verifier.Params)
	subtle.ConstantTimeCopy(st.known, st.v, verifier.V)
	return st
}

// fakeVerifier is below N, whose highest bits are ones, because its highest bit
// is cleared. It needs no power.
func (s *Server) fakeVerifier(h hello) []byte {
	v := s.fake("verifier", publicSize, h.name, h.slot[:])
	v[0] &= 0x7f
	return v
}

// fakeParams are the same each time, for as long as the list has the same costs.
func (s *Server) fakeParams(name string) []byte {
	d := s.decoy(name)
	cost := wire.AppendUint32(wire.AppendUint32(nil, d.Cost.Memory), d.Cost.Passes)
	cost = wire.AppendUint32(append(cost, d.Cost.Lanes), d.Cost.Iterations)
	cost = append(cost, 0)
	if d.Second {
		cost[len(cost)-1] = 1
	}
	p, err := keys.DecoyParams(d.Cost, d.Second, [32]byte(s.fake("salt", 32, name, cost)))
	if err != nil {
		panic("srp: internal error: " + err.Error()) // NewServer checked the cost
	}
	return p.Bytes()
}

// decoy chooses by weight: a name has a place on the line from 0 to the sum, in
// proportion, so that weights that change by little move few names.
func (s *Server) decoy(name string) Decoy {
	var sum uint64
	for _, d := range s.decoys {
		sum += uint64(d.Weight)
	}
	n, _ := bits.Mul64(binary.BigEndian.Uint64(s.fake("choice", 8, name)), sum)
	for _, d := range s.decoys {
		if n < uint64(d.Weight) {
			return d
		}
		n -= uint64(d.Weight)
	}
	panic("srp: internal error: no decoy") // n is below the sum
}

// fake derives n bytes that look random and are the same on each replica.
func (s *Server) fake(what string, n int, name string, more ...[]byte) []byte {
	parts := append([][]byte{[]byte(what), []byte(s.service), []byte(name)}, more...)
	return secret.Reveal(box.Expand(s.key, label.SRPFake, n, parts...))
}
