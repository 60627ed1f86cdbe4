package srp

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"errors"

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

// checkDecoys checks the app's list. An empty one is good.
func checkDecoys(decoys []Decoy) error {
	var sum uint64
	for _, d := range decoys {
		if _, err := keys.DecoyParams(d.Cost, d.Second, [32]byte{}); err != nil {
			return err
		}
		sum += uint64(d.Weight)
	}
	if len(decoys) != 0 && sum == 0 {
		return errors.New("srp: the decoys have no weight")
	}
	return nil
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

// decoy chooses by weight. The sum is below 2^32 times the number of decoys, so
// that the remainder of 64 bits favours none noticeably.
func (s *Server) decoy(name string) Decoy {
	var sum uint64
	for _, d := range s.decoys {
		sum += uint64(d.Weight)
	}
	n := binary.BigEndian.Uint64(s.fake("choice", 8, name)) % sum
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
