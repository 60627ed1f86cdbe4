package keys

// idSize is the length of an account's and of a group's id, in bytes.
const idSize = 25

// An AccountID names an account, and is the fingerprint of its first keys: 200
// bits of a SHA-256 (spec, Section 5.2). Two people who compare it compare these;
// newer keys, which the first ones signed, are compared by [Identity.Fingerprint].
// It is comparable, and a key of maps; its text is a JSON string.
type AccountID [idSize]byte

// ParseAccountID reads what [AccountID.String], [AccountID.Fingerprint] or
// [AccountID.Show] wrote. Case, spaces and dashes do not matter, nor do O for 0
// and I or L for 1. The error is ErrMalformed and names the group that is
// mistyped, which only the letters that Show adds can tell in general.
func ParseAccountID(text string) (AccountID, error) {
	d, err := typed("account id", text, 8, 5, true)
	if err != nil {
		return AccountID{}, err
	}
	return AccountID(undigits(d)), nil
}

// String returns 40 letters of lower-case base32 (Crockford's alphabet).
func (id AccountID) String() string { return idText(id) }

// Fingerprint returns the same in eight groups of five, to read aloud.
func (id AccountID) Fingerprint() string { return show(digits(id[:]), 5, false, " ") }

// Show returns the id for somebody who has to type it: eight groups of five
// letters, each followed by a check letter.
func (id AccountID) Show() string { return show(digits(id[:]), 5, true, "-") }

// MarshalText returns String, also for JSON values and map keys.
func (id AccountID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads exactly what MarshalText wrote. The error is ErrMalformed.
func (id *AccountID) UnmarshalText(text []byte) error { return idFromText((*[idSize]byte)(id), text) }

// A GroupID names a group: 200 bits of the hash of its first entry (spec,
// Section 9.2). It is comparable, and a key of maps; its text is a JSON string.
type GroupID [idSize]byte

// String returns 40 letters of lower-case base32 (Crockford's alphabet).
func (id GroupID) String() string { return idText(id) }

// MarshalText returns String, also for JSON values and map keys.
func (id GroupID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads exactly what MarshalText wrote. The error is ErrMalformed.
func (id *GroupID) UnmarshalText(text []byte) error { return idFromText((*[idSize]byte)(id), text) }

func idText(id [idSize]byte) string { return show(digits(id[:]), 40, false, "") }

// idFromText accepts one spelling, since ids in stored text are compared as
// text. What people type goes through [ParseAccountID].
func idFromText(id *[idSize]byte, text []byte) error {
	if len(text) != 40 {
		return ErrMalformed
	}
	d := make([]byte, 40)
	for i, c := range text {
		if d[i] = values[c]; d[i] == 0xff || alphabet[d[i]] != c {
			return ErrMalformed
		}
	}
	*id = [idSize]byte(undigits(d))
	return nil
}
