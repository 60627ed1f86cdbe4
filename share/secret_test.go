package share_test

import (
	"testing"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/secret/secrettest"
	"github.com/sealkin/sealkin/share"
)

// TestSilent prints, logs and encodes what holds keys.
func TestSilent(t *testing.T) {
	jane := newAccount()
	w, g := found(t, jane)
	c, code, err := g.Invite(share.Writer)
	g = w.commit(c, err, jane)
	s, err := ring.Of(g.Ring()).Sealing()
	if err != nil {
		t.Fatal(err)
	}
	key := share.KeyOf(g, 1)
	for _, v := range []any{g, *g, c, *c, g.Log(), code, g.Ring(), s} {
		secrettest.Silent(t, v, key, secret.Open(s.Sign)[:32])
	}
}
