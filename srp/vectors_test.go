package srp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/modexp"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/internal/vectors"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/srp"
)

//go:generate go test -run ^TestMakeVectors$ -update .

const source = "sealkin srp, go generate; docs/spec.md, Section 7"

// exchangeVector is a whole login with chosen a and b. One of passphrase, code
// and device is the secret.
type exchangeVector struct {
	Name       string      `json:"name"`
	Service    string      `json:"service"`
	User       string      `json:"user"`
	Passphrase string      `json:"passphrase,omitempty"`
	Code       string      `json:"code,omitempty"`
	Device     vectors.Hex `json:"device,omitempty"`
	Kind       uint8       `json:"kind"`
	Slot       vectors.Hex `json:"slot"`
	Params     vectors.Hex `json:"params"`
	Binding    vectors.Hex `json:"binding"`
	ServerKey  vectors.Hex `json:"serverKey"`
	Account    vectors.Hex `json:"account"`

	SecretX  vectors.Hex `json:"x"`
	SecretA  vectors.Hex `json:"a"`
	SecretB  vectors.Hex `json:"b"`
	K        vectors.Hex `json:"k"`
	V        vectors.Hex `json:"v"`
	A        vectors.Hex `json:"A"`
	B        vectors.Hex `json:"B"`
	U        vectors.Hex `json:"u"`
	Exponent vectors.Hex `json:"exponent"` // a + u·x
	S        vectors.Hex `json:"S"`

	Transcript vectors.Hex `json:"transcript"`
	PRK        vectors.Hex `json:"prk"`
	M1         vectors.Hex `json:"M1"`
	M2         vectors.Hex `json:"M2"`
	Session    vectors.Hex `json:"session"`
	Token      string      `json:"token"`
	ExportName string      `json:"exportName"`
	Export     vectors.Hex `json:"export"`

	Hello     vectors.Hex `json:"hello"`
	Challenge vectors.Hex `json:"challenge"`
	State     vectors.Hex `json:"state"`
	Proof     vectors.Hex `json:"proof"`
	Reply     vectors.Hex `json:"reply"`
}

// decoyVector is what a name that is not known is answered with.
type decoyVector struct {
	Name      string      `json:"name"`
	ServerKey vectors.Hex `json:"serverKey"`
	Service   string      `json:"service"`
	User      string      `json:"user"`
	Slot      vectors.Hex `json:"slot"`
	Decoys    []decoy     `json:"decoys"`
	Params    vectors.Hex `json:"params"`
	V         vectors.Hex `json:"v"`
}

type decoy struct {
	Memory     uint32 `json:"memory"`
	Passes     uint32 `json:"passes"`
	Lanes      uint8  `json:"lanes"`
	Iterations uint32 `json:"iterations"`
	Second     bool   `json:"second"`
	Weight     uint32 `json:"weight"`
}

// failureVector changes one message of an exchange.
type failureVector struct {
	Name     string      `json:"name"`
	Exchange string      `json:"exchange"` // the name of the vector that the others are taken from
	Message  string      `json:"message"`  // which one is replaced
	Bytes    vectors.Hex `json:"bytes"`
	Want     string      `json:"want"`
}

func (v exchangeVector) credential(t *testing.T) *keys.Credential {
	switch {
	case v.Device != nil:
		return keys.Device([32]byte(v.Device))
	case v.Code != "":
		code, err := keys.ParseCode(v.Code)
		require.NoError(t, err)
		return code.Credential()
	}
	params, err := keys.ParseParams(v.Params, nil)
	require.NoError(t, err)
	c, err := params.Stretch(v.login(), v.Passphrase, nil)
	require.NoError(t, err)
	return c
}

func (v exchangeVector) login() keys.Login { return keys.Login{Service: v.Service, Name: v.User} }

func (v exchangeVector) server(t *testing.T) *srp.Server {
	s, err := srp.NewServer(v.Service, [32]byte(v.ServerKey))
	require.NoError(t, err)
	return s.Bound(v.Binding)
}

// client returns the client of the vector, and its hello.
func (v exchangeVector) client(t *testing.T, c *keys.Credential) (*srp.Client, srp.Message) {
	if c.Params() != nil {
		c = nil
	}
	client, _, err := srp.NewClient(v.login(), c)
	require.NoError(t, err)
	return client.Bound(v.Binding).WithSecret(v.SecretA)
}

func TestExchangeVectors(t *testing.T) {
	leading := map[string]bool{}
	for _, v := range vectors.Load[exchangeVector](t, "srp/exchange.json") {
		t.Run(v.Name, func(t *testing.T) {
			key, s := v.credential(t), v.server(t)
			half := ring.HalfOf(key.Login())
			require.Equal(t, []byte(v.SecretX), secret.Open(half.X))
			require.Equal(t, v.Kind, uint8(half.Kind))
			require.Equal(t, []byte(v.Slot), half.Slot[:])
			require.Equal(t, string(v.Params), string(half.Params))

			// The numbers, by all three implementations.
			vv, A, B, S := exchange{v.SecretX, v.SecretA, v.SecretB}.compare(t)
			for name, pair := range map[string][2][]byte{"v": {v.V, vv}, "A": {v.A, A}, "B": {v.B, B}, "S": {v.S, S}} {
				require.Equal(t, pair[0], pair[1], name)
				leading[name] = leading[name] || pair[0][0] == 0
			}
			require.Equal(t, []byte(v.K), srp.Multiplier()[384-32:])
			require.Equal(t, []byte(v.U), srp.Scrambler(A, B))
			require.Equal(t, []byte(v.Exponent), modexp.MulAdd(v.SecretA, v.U, v.SecretX))

			// The exchange, by the API.
			client, hello := v.client(t, key)
			require.Equal(t, []byte(v.Hello), []byte(hello))
			pending, proof, err := client.Respond(v.Challenge, key)
			require.NoError(t, err)
			require.Equal(t, []byte(v.Proof), []byte(proof))
			server, reply, err := s.Verify(v.State, v.Proof)
			require.NoError(t, err)
			require.Equal(t, []byte(v.Reply), []byte(reply))
			require.Equal(t, [25]byte(v.Account), [25]byte(server.Account()))
			session, err := pending.Finish(v.Reply)
			require.NoError(t, err)
			for _, side := range []*srp.Session{session, server} {
				export := side.Export(v.ExportName)
				require.Equal(t, v.Token, side.Token())
				require.Equal(t, []byte(v.Export), export[:])
			}
			v.checkInside(t, s)
		})
	}
	assert.Equal(t, map[string]bool{"v": true, "A": true, "B": true, "S": true}, leading, "no case with a zero byte in front")
}

// checkInside compares what no message shows.
func (v exchangeVector) checkInside(t *testing.T, s *srp.Server) {
	st, err := s.OpenState(v.State)
	require.NoError(t, err)
	require.Equal(t, string(v.Params), string(st.Params))
	st.Params = v.Params // which may be nil
	require.Equal(t, &srp.State{
		Known: 1, Account: keys.AccountID(v.Account), Name: v.User, Kind: ring.SlotKind(v.Kind), Slot: ring.SlotID(v.Slot),
		Params: v.Params, A: v.A, B: v.B, V: v.V, SecretB: v.SecretB,
	}, st)
	challenge, _ := s.WithSecret(st, v.SecretB)
	require.Equal(t, []byte(v.Challenge), []byte(challenge))
	transcript, m1, m2, key := st.Proofs(v.Service, v.Binding, v.S)
	require.Equal(t, []byte(v.Transcript), transcript)
	require.Equal(t, []byte(v.PRK), secret.Open(box.Extract(transcript, secret.New(v.S))))
	require.Equal(t, []byte(v.M1), m1)
	require.Equal(t, []byte(v.M2), m2)
	require.Equal(t, []byte(v.Session), key)
	require.Equal(t, v.Token, srp.SessionOf(key).Token())
}

func TestDecoyVectors(t *testing.T) {
	for _, v := range vectors.Load[decoyVector](t, "srp/decoys.json") {
		t.Run(v.Name, func(t *testing.T) {
			params, verifier := v.answer(t)
			require.Equal(t, string(v.Params), string(params))
			require.Equal(t, []byte(v.V), verifier)
		})
	}
}

// answer asks a server for a name that it does not know.
func (v decoyVector) answer(t *testing.T) (params, verifier []byte) {
	var decoys []srp.Decoy
	for _, d := range v.Decoys {
		decoys = append(decoys, srp.Decoy{
			Cost:   keys.Cost{Memory: d.Memory, Passes: d.Passes, Lanes: d.Lanes, Iterations: d.Iterations},
			Second: d.Second, Weight: d.Weight,
		})
	}
	s, err := srp.NewServer(v.Service, [32]byte(v.ServerKey), decoys...)
	require.NoError(t, err)
	A := modexp.Verifier(append(make([]byte, 31), 7))
	_, state, err := s.Challenge(srp.EncodeHello(v.User, ring.SlotID(v.Slot), A), func(string) (*keys.LockedAccount, error) { return nil, nil })
	require.NoError(t, err)
	st, err := s.OpenState(state)
	require.NoError(t, err)
	require.Zero(t, st.Known)
	return st.Params, st.V
}

func TestFailureVectors(t *testing.T) {
	exchanges := map[string]exchangeVector{}
	for _, v := range vectors.Load[exchangeVector](t, "srp/exchange.json") {
		exchanges[v.Name] = v
	}
	kinds := map[string]int{}
	for _, v := range vectors.Load[failureVector](t, "srp/failures.json") {
		t.Run(v.Name, func(t *testing.T) {
			e, ok := exchanges[v.Exchange]
			require.True(t, ok)
			require.NotEmpty(t, v.Want)
			require.Equal(t, v.Want, e.fail(t, v.Message, v.Bytes))
			kinds[v.Want]++
		})
	}
	for _, kind := range []string{"malformed", "newer", "open", "login", "cost", "params"} {
		assert.NotZero(t, kinds[kind], kind)
	}
}

// fail replaces one message and returns the kind of the failure.
func (v exchangeVector) fail(t *testing.T, message string, b []byte) string {
	key, s := v.credential(t), v.server(t)
	client, _ := v.client(t, key)
	switch message {
	case "hello":
		challenge, state, err := s.Challenge(b, func(string) (*keys.LockedAccount, error) { return nil, nil })
		require.Equal(t, err == nil, challenge != nil && state != nil)
		return kindOf(err)
	case "challenge":
		if key.Params() != nil {
			if _, err := client.Params(b, key.Params()); err != nil {
				return kindOf(err)
			}
		}
		pending, proof, err := client.Respond(b, key)
		require.Equal(t, err == nil, pending != nil && proof != nil)
		if err != nil {
			return kindOf(err)
		}
		v.Proof = vectors.Hex(proof)
	case "state":
		v.State = b
	case "proof":
		v.Proof = b
	case "reply":
		pending, _, err := client.Respond(v.Challenge, key)
		require.NoError(t, err)
		session, err := pending.Finish(b)
		require.Equal(t, err == nil, session != nil)
		return kindOf(err)
	default:
		t.Fatalf("unknown message %q", message)
	}
	session, reply, err := s.Verify(v.State, v.Proof)
	require.Equal(t, err == nil, session != nil && reply != nil)
	return kindOf(err)
}
