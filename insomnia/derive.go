package insomnia

import (
	"crypto/fips140"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
)

const (
	rounds  = 100_000
	keySize = 32
)

// deriveKey is Section 3. salt is the text of the salt, not the bytes that its
// hex stands for; nothing is cleaned here.
func deriveKey(passphrase, email, salt string) []byte {
	key, err := pbkdf2.Key(sha256.New, passphrase, extract(email, salt), rounds, keySize)
	if err != nil {
		panic("insomnia: internal error: " + err.Error()) // the parameters are constants
	}
	return key
}

// extract is HKDF with the e-mail as its key, which may be shorter than what the
// FIPS 140-3 mode allows.
func extract(email, salt string) (tmp []byte) {
	fips140.WithoutEnforcement(func() {
		var err error
		tmp, err = hkdf.Key(sha256.New, []byte(email), []byte(salt), "", keySize)
		if err != nil {
			panic("insomnia: internal error: " + err.Error()) // 32 bytes are within HKDF's limit
		}
	})
	return tmp
}

// secrets cleans the inputs and derives SEC_PWD_Auth and SEC_PWD_Enc side by
// side; each takes 100,000 rounds.
func (r *Record) secrets(passphrase string) (auth, enc []byte, err error) {
	if !isHex(r.SaltKey, saltSize) || !isHex(r.SaltEnc, saltSize) {
		return nil, nil, ErrMalformed // before the work for the other one
	}
	done := make(chan struct{})
	var authErr error
	go func() {
		defer close(done)
		auth, authErr = r.secret(passphrase, r.SaltKey)
	}()
	enc, err = r.secret(passphrase, r.SaltEnc)
	<-done
	if err != nil || authErr != nil {
		return nil, nil, ErrMalformed
	}
	return auth, enc, nil
}

// secret derives one of them: authSecret from SaltKey, encSecret from SaltEnc.
func (r *Record) secret(passphrase, salt string) ([]byte, error) {
	email, err := cleanEmail(r.Email)
	if err != nil {
		return nil, err
	}
	clean, err := cleanPassphrase(passphrase)
	if err != nil || !isHex(salt, saltSize) {
		return nil, ErrMalformed
	}
	return deriveKey(clean, email, salt), nil
}
