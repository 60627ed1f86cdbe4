package srp

import (
	"encoding/base64"
	"errors"

	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/label"
	"github.com/sealkin/sealkin/internal/secret"
	"github.com/sealkin/sealkin/keys"
)

// ErrLogin means a wrong name, passphrase or code, or a server that does not
// know the account. It never says which. The other errors are those of package
// keys.
var ErrLogin = errors.New("srp: wrong name, passphrase or code")

// A Session is a login in which both sides have proved themselves. On the
// server: in which the client has.
type Session struct {
	key     secret.Key
	account keys.AccountID
}

// Account returns who logged in. It is zero on the client, who learns it from
// the account record.
func (s *Session) Account() keys.AccountID { return s.account }

// Token is what later requests carry, 43 letters of base64url. Both sides
// compute it, and no message contains it. It is a secret: send it over TLS only,
// and store its hash on the server.
func (s *Session) Token() string {
	token := box.Expand(s.key, label.SRPToken, box.KeySize)
	return base64.RawURLEncoding.EncodeToString(secret.Open(token))
}

// Export derives another secret, the same on both sides, for a purpose of the
// app's that name tells. Nothing can be computed from it about the token or
// other exports.
func (s *Session) Export(name string) [32]byte {
	return [32]byte(secret.Open(box.Expand(s.key, label.SRPExport, 32, []byte(name))))
}
