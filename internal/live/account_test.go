package live_test

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func device() ([]byte, *keys.Credential) {
	b := random(32)
	return b, keys.Device([32]byte(b))
}

func ok[V any](t *testing.T) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

var who = keys.Login{Service: "notes.example", Name: "Jané"}

// TestTheirAccount has an account made and changed by the other side, each
// record of which is accepted and opened here.
func TestTheirAccount(t *testing.T) {
	p := start(t)
	secret, credential := device()
	code, friend := keys.NewCode(), keys.NewAccount(keys.Device([32]byte(random(32))))
	a := p.ask("account.create", q{"as": "jane", "label": "phone", "credential": q{"device": secret}})
	locked := ok[*keys.LockedAccount](t)(keys.ParseLockedAccount(a.bytes(t, "record"), nil))
	ok[*keys.Account](t)(locked.Unlock(credential))

	params := ok[*keys.Params](t)(keys.DecoyParams(keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}, false, [32]byte(random(32))))
	passphrase := q{"passphrase": "ein Paßwort", "service": who.Service, "name": who.Name, "params": params.Bytes()}
	for _, change := range []q{
		{"add": []q{{"label": "paper", "credential": q{"code": code.Show()}}}},
		{"add": []q{{"label": "words", "credential": passphrase}}},
		{"rotate": true},
		{"add": []q{{"label": "Friend", "trustee": friend.Identity().Bytes()}}, "remove": []string{"phone"}, "rotate": true},
	} {
		change["account"] = "jane"
		locked = ok[*keys.LockedAccount](t)(locked.Next(p.ask("account.change", change).bytes(t, "record")))
	}
	assert.EqualValues(t, 2, locked.Identity().Epoch())
	_, err := locked.Unlock(credential)
	assert.ErrorIs(t, err, keys.ErrMismatch)
	ok[*keys.Account](t)(locked.Unlock(code.Credential()))
	ok[*keys.Account](t)(locked.UnlockAsTrustee(friend, locked.ID()))
	mine := ok[*keys.Credential](t)(locked.Params().Stretch(who, "ein Paßwort", nil))
	jane := ok[*keys.Account](t)(locked.Unlock(mine))
	p.ask("account.accept", q{"held": locked.Bytes(), "record": ok[*keys.Account](t)(jane.Rotate()).Locked().Bytes()})
}

// TestOurAccount is the reverse.
func TestOurAccount(t *testing.T) {
	p := start(t)
	secret, credential := device()
	code := keys.NewCode()
	words := ok[*keys.Credential](t)(keys.NewPassphrase(who, "correct horse", keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}, nil))
	a := keys.NewAccount(words)
	held := a.Locked().Bytes()
	friend := p.ask("account.create", q{"as": "friend", "label": "phone", "credential": q{"device": random(32)}})
	theirs := ok[*keys.Identity](t)(keys.TrustFirst(friend.bytes(t, "identity")))
	for _, change := range []func() (*keys.Account, error){
		func() (*keys.Account, error) { return a.Add("phone", credential) },
		func() (*keys.Account, error) { return a.Add("paper", code.Credential()) },
		func() (*keys.Account, error) { return a.AddTrustee("friend", theirs) },
		func() (*keys.Account, error) { return a.Rotate() },
		func() (*keys.Account, error) { return a.RemoveAndRotate("phone") },
	} {
		a = ok[*keys.Account](t)(change())
		p.ask("account.accept", q{"held": held, "record": a.Locked().Bytes()})
		held = a.Locked().Bytes()
	}
	p.ask("account.unlock", q{"as": "a", "record": held, "credential": q{"code": code.Show()}})
	p.ask("account.unlock", q{"as": "b", "record": held, "credential": q{"passphrase": "correct horse", "service": who.Service, "name": who.Name, "params": a.Locked().Params().Bytes()}})
	p.ask("account.trusted", q{"as": "c", "record": held, "trustee": "friend", "owner": a.ID()})
	p.refuse("mismatch", "account.unlock", q{"as": "d", "record": held, "credential": q{"device": secret}})
	p.refuse("open", "account.unlock", q{"as": "d", "record": held, "credential": q{"code": keys.NewCode().Show()}})

	fresh := ok[*keys.Account](t)(a.Recover(map[string]*keys.Credential{"phone": credential}))
	p.ask("account.accept", q{"held": held, "record": fresh.Locked().Bytes()})
	p.ask("account.unlock", q{"as": "e", "record": fresh.Locked().Bytes(), "credential": q{"device": secret}, "seen": held})
}

// TestLogins logs in to each other, by passphrase and by code.
func TestLogins(t *testing.T) {
	p := start(t)
	code := keys.NewCode()
	words := ok[*keys.Credential](t)(keys.NewPassphrase(who, "correct horse", keys.Cost{Iterations: 600_000}, nil))
	account := ok[*keys.Account](t)(keys.NewAccount(words).Add("paper", code.Credential()))
	key, record := random(32), account.Locked()
	server := ok[*srp.Server](t)(srp.NewServer(who.Service, [32]byte(key)))
	slot := record.Slots()[1].ID

	for _, byCode := range []bool{false, true} {
		theirs := q{"passphrase": "correct horse", "service": who.Service, "name": who.Name, "params": record.Params().Bytes()}
		hello := q{"as": "login", "name": who.Name}
		ours, first := words, (*keys.Credential)(nil)
		if byCode {
			theirs, hello["slot"] = q{"code": code.Show()}, slot[:]
			ours, first = code.Credential(), code.Credential()
		}
		// Their client, our server.
		challenge, state, err := server.Challenge(p.ask("login.hello", hello).bytes(t, "hello"), func(string) (*keys.LockedAccount, error) { return record, nil })
		require.NoError(t, err)
		proof := p.ask("login.respond", q{"login": "login", "challenge": []byte(challenge), "service": who.Service, "credential": theirs}).bytes(t, "proof")
		session, reply, err := server.Verify(state, proof)
		require.NoError(t, err)
		end := p.ask("login.finish", q{"login": "login", "reply": []byte(reply), "export": "x"})
		assert.Equal(t, session.Token(), end.text("token"))

		// Our client, their server.
		client, ourHello, err := srp.NewClient(who, first)
		require.NoError(t, err)
		answer := p.ask("login.challenge", q{"serverKey": key, "service": who.Service, "hello": []byte(ourHello), "record": record.Bytes(), "decoys": []any{}})
		pending, ourProof, err := client.Respond(answer.bytes(t, "challenge"), ours)
		require.NoError(t, err)
		verified := p.ask("login.verify", q{"serverKey": key, "service": who.Service, "state": answer.bytes(t, "state"), "proof": []byte(ourProof)})
		session, err = pending.Finish(verified.bytes(t, "reply"))
		require.NoError(t, err)
		assert.Equal(t, session.Token(), verified.text("token"))
		assert.Equal(t, account.ID().String(), verified.text("account"))
	}
}
