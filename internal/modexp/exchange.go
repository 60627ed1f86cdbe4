package modexp

// The formulas of SRP-6a (RFC 5054, Section 2.5 and 2.6). The callers hash: k,
// u and x come from there, and so do the checks of A, B and u.

// ServerPublic returns B = k·v + g^b.
func (g *Group) ServerPublic(k, v *Element, b []byte) *Element {
	return g.Add(g.Mul(k, v), g.PowG(b))
}

// ClientSecret returns S = (B − k·g^x)^(a + u·x). The exponent is exact, and of
// a length that depends on those of a, u and x alone.
func (g *Group) ClientSecret(k, B *Element, a, u, x []byte) *Element {
	base := g.Sub(B, g.Mul(k, g.PowG(x)))
	return g.Pow(base, MulAdd(a, u, x))
}

// ServerSecret returns S = (A·v^u)^b.
func (g *Group) ServerSecret(A, v *Element, u, b []byte) *Element {
	return g.Pow(g.Mul(A, g.Pow(v, u)), b)
}
