package insomnia

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/testdata"
)

// vectorFile is the file of vectors, member by member: one that is not here
// fails every test.
type vectorFile struct {
	Format         string
	Set            string
	Producer       map[string]string
	Accounts       []vectorAccount
	Derivations    []vectorDerivation
	Sanitize       []vectorSanitize
	Groups         []vectorGroup
	AES            []vectorAES
	RSA            []vectorRSA
	SRP            []vectorSRP
	SealedBoxes    []vectorBox
	Logins         []vectorLogin
	Changes        []vectorChange
	FixtureAccount vectorFixture
	Negatives      []vectorNegative
}

type vectorAccount struct {
	Record
	Name, Note, FirstName, LastName     string
	RawEmail, RawPassphrase, Passphrase string
	HKDFAuth, HKDFEnc                   string
	AuthSecret, EncSecret               string
	SRPGroup                            int
	SRPHash, KeysMadeBy                 string
	PublicKey                           json.RawMessage `json:"publicKey"` // shadows that of Record
	PrivateKey, SymmetricKey            json.RawMessage
	PublicKeyJSON, PrivateKeyJSON       string
	SymmetricKeyJSON                    string
}

// record is the account as the server has it.
func (a *vectorAccount) record() *Record {
	r := a.Record
	r.PublicKey = a.PublicKeyJSON
	return &r
}

// open opens the account with its secret, without the passphrase.
func (a *vectorAccount) open(t testing.TB) *Account {
	t.Helper()
	r := a.record()
	public, err := r.check()
	require.NoError(t, err)
	opened, err := r.open(unhex(t, a.EncSecret), public)
	require.NoError(t, err)
	return opened
}

type vectorDerivation struct{ Name, Note, Passphrase, Email, Salt, HKDF, Key string }

type vectorSanitize struct{ Kind, Note, Raw, RawCodePoints, Result string }

type vectorGroup struct {
	Name, ID, Owner  string
	SymmetricKey     json.RawMessage
	SymmetricKeyJSON string
	Links            []struct {
		Account, AccountID, Via, By string
		EncSymmetricKey             Link
		OAEPSeed, OAEPMessage       string
	}
	Documents []vectorDocument
}

type vectorDocument struct {
	Kind, ID, Name, ResourceGroupID string
	Document                        json.RawMessage
	Text                            string
	EncContent                      Message
	EncodedPlaintext                string
	Gzip                            []byte
	Content                         string
}

type vectorAES struct {
	Name, Note, Op              string
	Key                         json.RawMessage
	Plaintext, EncodedPlaintext string
	AdditionalData              string
	DataHex, RawHex, Result     string
	Message                     json.RawMessage
}

type vectorRSA struct {
	Name, Account, Plaintext, EncodedPlaintext, OAEPSeed string
	Ciphertext                                           Link
}

type vectorSRP struct {
	Name     string `json:"name"`
	Note     string `json:"note"`
	Account  string `json:"account"`
	Group    int    `json:"group"`
	Hash     string `json:"hash"`
	Identity string `json:"identity"`
	Password string `json:"password"`
	Salt     string `json:"salt"`
	SmallK   string `json:"k"`
	X        string `json:"x"`
	Verifier string `json:"verifier"`
	SmallA   string `json:"a"`
	A        string `json:"A"`
	SmallB   string `json:"b"`
	B        string `json:"B"`
	U        string `json:"u"`
	S        string `json:"S"`
	K        string `json:"K"`
	M1       string `json:"M1"`
	M2       string `json:"M2"`
}

type vectorBox struct {
	Name, Note, Via               string
	PublicKey, SecretKey          []byte
	EphemeralSecretKey            []byte
	EphemeralPublicKey, Data, Box []byte
	JSON                          string
}

type vectorLogin struct {
	vectorBox
	Account, Token, Key, Code         string
	CodePercentEncoded, LoginKeyQuery string
}

type vectorChange struct {
	Account, RawNewEmail, RawNewPassphrase string
	NewEmail, NewPassphrase                string
	NewAuthSecret, NewEncSecret            string
	OldVerifier, NewVerifier               string
	NewEncSymmetricKey                     Message
}

type vectorFixture struct {
	Note   string
	Whoami struct {
		Email, AccountID, PublicKey    string
		EncPrivateKey, EncSymmetricKey Message
	}
	Box struct {
		PublicKey, SecretKey, Box []byte
		Code, JSON                string
	}
	Token, EncSecret                 string
	SymmetricKeyJSON, PrivateKeyJSON string
}

type vectorNegative struct {
	ID, Op   string
	Args     json.RawMessage
	Insomnia struct {
		Outcome string
		Value   json.RawMessage
		Error   map[string]string
	}
	Expect, Why string
}

// loadVectors reads the file and checks that none of it is missing.
func loadVectors(t testing.TB) *vectorFile {
	t.Helper()
	raw, err := testdata.Files.ReadFile("insomnia/vectors.json")
	require.NoError(t, err)
	var file vectorFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&file))
	_, err = d.Token()
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "insomnia-e2ee-interop/1", file.Format)
	counts := []int{len(file.Accounts), len(file.Derivations), len(file.Sanitize), len(file.Groups), len(file.AES),
		len(file.RSA), len(file.SRP), len(file.SealedBoxes), len(file.Logins), len(file.Changes), len(file.Negatives)}
	require.Equal(t, []int{3, 21, 16, 2, 22, 5, 9, 7, 3, 2, 168}, counts)
	return &file
}

// account returns an account by name.
func (f *vectorFile) account(t testing.TB, name string) *vectorAccount {
	t.Helper()
	for i := range f.Accounts {
		if f.Accounts[i].Name == name {
			return &f.Accounts[i]
		}
	}
	t.Fatalf("no account %q", name)
	return nil
}
