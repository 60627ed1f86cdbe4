package modexp

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func unhex(t *testing.T, text string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	require.NoError(t, err)
	return b
}

// TestRFC5054 computes Appendix B of the RFC, with its group of 1024 bits and
// its SHA-1, which exist here only.
func TestRFC5054(t *testing.T) {
	g := newGroup(unhex(t, `EEAF0AB9ADB38DD69C33F80AFA8FC5E86072618775FF3C0B9EA2314C9C256576D674DF7496EA81D3383B4813D692C6E0
		E0D5D8E250B98BE48E495C1D6089DAD15DC7D7B46154D6B6CE8EF4AD69B15D4982559B297BCF1885C529F566660E57EC
		68EDBC3C05726CC02FD4CBF4976EAA9AFD5138FE8376435B9FC61D2FC0EB06E3`), append(make([]byte, 127), 2))
	hash := func(parts ...[]byte) []byte {
		h := sha1.New()
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	salt := unhex(t, "BEB25379D1A8581EB5A727673A2441EE")
	a := unhex(t, "60975527035CF2AD1989806F0407210BC81EDC04E2762A56AFD529DDDA2D4393")
	b := unhex(t, "E487CB59D31AC550471E81F00F6928E01DDA08E974A004F49E61F5D105284D20")

	k := hash(g.N(), g.G())
	assert.Equal(t, unhex(t, "7556AA045AEF2CDD07ABAF0F665C3E818913186F"), k)
	x := hash(salt, hash([]byte("alice:password123")))
	assert.Equal(t, unhex(t, "94B7555AABE9127CC58CCF4993DB6CF84D16C124"), x)
	v := g.PowG(x)
	assert.Equal(t, unhex(t, `7E273DE8696FFC4F4E337D05B4B375BEB0DDE1569E8FA00A9886D8129BADA1F1822223CA1A605B530E379BA4729FDC59
		F105B4787E5186F5C671085A1447B52A48CF1970B4FB6F8400BBF4CEBFBB168152E08AB5EA53D15C1AFF87B2B9DA6E04
		E058AD51CC72BFC9033B564E26480D78E955A5E29E7AB245DB2BE315E2099AFB`), v.Bytes())
	A := g.PowG(a)
	assert.Equal(t, unhex(t, `61D5E490F6F1B79547B0704C436F523DD0E560F0C64115BB72557EC44352E8903211C04692272D8B2D1A5358A2CF1B6E
		0BFCF99F921530EC8E39356179EAE45E42BA92AEACED825171E1E8B9AF6D9C03E1327F44BE087EF06530E69F66615261
		EEF54073CA11CF5858F0EDFDFE15EFEAB349EF5D76988A3672FAC47B0769447B`), A.Bytes())
	B := g.ServerPublic(g.Small(k), v, b)
	assert.Equal(t, unhex(t, `BD0C61512C692C0CB6D041FA01BB152D4916A1E77AF46AE105393011BAF38964DC46A0670DD125B95A981652236F99D9
		B681CBF87837EC996C6DA04453728610D0C6DDB58B318885D7D82C7F8DEB75CE7BD4FBAA37089E6F9C6059F388838E7A
		00030B331EB76840910440B1B27AAEAEEB4012B7D7665238A8E3FB004B117B58`), B.Bytes())
	u := hash(A.Bytes(), B.Bytes())
	assert.Equal(t, unhex(t, "CE38B9593487DA98554ED47D70A7AE5F462EF019"), u)
	S := unhex(t, `B0DC82BABCF30674AE450C0287745E7990A3381F63B387AAF271A10D233861E359B48220F7C4693C9AE12B0A6F67809F
		0876E2D013800D6C41BB59B6D5979B5C00A172B4A2A5903A0BDCAF8A709585EB2AFAFA8F3499B200210DCC1F10EB3394
		3CD67FC88A2F39A4BE5BEC4EC0A3212DC346D7E474B29EDE8A469FFECA686E5A`)
	assert.Equal(t, S, g.ClientSecret(g.Small(k), B, a, u, x).Bytes())
	assert.Equal(t, S, g.ServerSecret(A, v, u, b).Bytes())
}

// oracle is SRP-6a in math/big.
type oracle struct{ n, g, k *big.Int }

func (o oracle) mod(x *big.Int) *big.Int           { return x.Mod(x, o.n) }
func (o oracle) exp(x *big.Int, e []byte) *big.Int { return new(big.Int).Exp(x, number(e), o.n) }
func (o oracle) public(v *big.Int, b []byte) *big.Int {
	return o.mod(new(big.Int).Add(new(big.Int).Mul(o.k, v), o.exp(o.g, b)))
}
func (o oracle) client(B *big.Int, a, u, x []byte) *big.Int {
	base := o.mod(new(big.Int).Sub(B, new(big.Int).Mul(o.k, o.exp(o.g, x))))
	e := new(big.Int).Add(number(a), new(big.Int).Mul(number(u), number(x)))
	return new(big.Int).Exp(base, e, o.n)
}
func (o oracle) server(A, v *big.Int, u, b []byte) *big.Int {
	return o.exp(o.mod(new(big.Int).Mul(A, o.exp(v, u))), b)
}

func kOf(g *Group) []byte {
	k := sha256.Sum256(append(g.N(), g.G()...))
	return k[:]
}

// TestExchangeOracle runs the formulas beside math/big. Every other secret
// begins with zeros, and B may be smaller than k·g^x.
func TestExchangeOracle(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	for name, g := range groups() {
		t.Run(name, func(t *testing.T) {
			o, draw := oracle{number(g.n), number(g.g), number(kOf(g))}, source(7)
			pad := func(x *big.Int) []byte { return x.FillBytes(make([]byte, g.Size())) }
			k := g.Small(kOf(g))
			for range rounds {
				x, a, b, u := draw(32), draw(32), draw(32), draw(32)
				v, A := g.PowG(x), g.PowG(a)
				B := g.ServerPublic(k, v, b)
				require.Equal(t, pad(o.public(number(v.Bytes()), b)), B.Bytes())
				S := g.ClientSecret(k, B, a, u, x)
				require.Equal(t, pad(o.client(number(B.Bytes()), a, u, x)), S.Bytes())
				require.Equal(t, S.Bytes(), g.ServerSecret(A, v, u, b).Bytes())
				require.Equal(t, pad(o.server(number(A.Bytes()), number(v.Bytes()), u, b)), S.Bytes())
			}
		})
	}
}

// TestArbitraryPublic feeds the formulas residues that no honest peer made.
func TestArbitraryPublic(t *testing.T) {
	g, draw := Group3072(), source(8)
	o, k := oracle{number(g.n), number(g.g), number(kOf(g))}, g.Small(kOf(g))
	for range 30 {
		x, a, b, u, X, v := draw(32), draw(32), draw(32), draw(32), residue(g, draw), residue(g, draw)
		bX, bv := number(X.Bytes()), number(v.Bytes())
		require.Zero(t, o.client(bX, a, u, x).Cmp(number(g.ClientSecret(k, X, a, u, x).Bytes())))
		require.Zero(t, o.server(bX, bv, u, b).Cmp(number(g.ServerSecret(X, v, u, b).Bytes())))
	}
}

// TestCounted shows what the formulas cost, and that counting changes nothing.
func TestCounted(t *testing.T) {
	var n atomic.Int64
	g, e := Group3072().Counted(&n), make([]byte, 32)
	e[31] = 3
	k, v := g.Small(kOf(g)), g.PowG(e)
	assert.EqualValues(t, 1, n.Swap(0))
	B := g.ServerPublic(k, v, e)
	assert.EqualValues(t, 1, n.Swap(0))
	assert.Equal(t, Group3072().ClientSecret(k, B, e, e, e).Bytes(), g.ClientSecret(k, B, e, e, e).Bytes())
	assert.EqualValues(t, 2, n.Swap(0))
	g.ServerSecret(v, v, e, e)
	assert.EqualValues(t, 2, n.Swap(0))
	g.PowG(e[:5])
	assert.EqualValues(t, 1, n.Swap(0))
}
