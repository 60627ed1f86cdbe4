package keys_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
)

// same compares two codes by what they open.
func same(a, b *keys.Code) bool {
	return ring.HalfOf(a.Credential().Login()).Slot == ring.HalfOf(b.Credential().Login()).Slot
}

const letters = "0123456789abcdefghjkmnpqrstvwxyz"

func TestCodeText(t *testing.T) {
	for range 50 {
		code := keys.NewCode()
		text := code.Show()
		require.Regexp(t, `^([0-9a-hjkmnp-tv-z]{5}-){7}[0-9a-hjkmnp-tv-z]{5}$`, text)
		for name, typed := range map[string]string{
			"as shown":     text,
			"upper case":   strings.ToUpper(text),
			"no groups":    strings.ReplaceAll(text, "-", ""),
			"spaces":       "  " + strings.ReplaceAll(text, "-", " - ") + "\r\n",
			"other groups": strings.ReplaceAll(text, "-", "")[:3] + " " + strings.ReplaceAll(text, "-", "")[3:],
			"o, i and l":   strings.NewReplacer("0", "O", "1", "l").Replace(text),
			"small o, I":   strings.NewReplacer("0", "o", "1", "I").Replace(text),
		} {
			got, err := keys.ParseCode(typed)
			require.NoError(t, err, name)
			assert.True(t, same(code, got), name)
			assert.Equal(t, text, got.Show())
		}
	}
	assert.NotEqual(t, keys.NewCode().Show(), keys.NewCode().Show())
}

// TestCodeTypos makes every mistake of one letter and every exchange of
// neighbours: each is found, in its group.
func TestCodeTypos(t *testing.T) {
	text := keys.NewCode().Show()
	names := func(typed string, group int) {
		t.Helper()
		got, err := keys.ParseCode(typed)
		require.ErrorIs(t, err, keys.ErrMalformed)
		require.Nil(t, got)
		require.Contains(t, err.Error(), fmt.Sprintf("group %d:", group))
		require.NotContains(t, err.Error(), typed[:5])
	}
	for i := range len(text) {
		if text[i] == '-' {
			continue
		}
		for _, c := range letters {
			if byte(c) != text[i] {
				names(text[:i]+string(c)+text[i+1:], i/6+1)
				names(strings.ReplaceAll(text[:i]+string(c)+text[i+1:], "-", ""), i/6+1)
			}
		}
		for _, c := range "uU!é" {
			names(text[:i]+string(c)+text[i+1:], i/6+1)
		}
		names(text[:i]+text[i+1:], i/6+1)
		names(text[:i]+text[i:i+1]+text[i:], i/6+1)
		if i%6 < 4 && text[i] != text[i+1] {
			names(text[:i]+text[i+1:i+2]+text[i:i+1]+text[i+2:], i/6+1)
		}
	}
	groups := strings.Split(text, "-")
	for i := range groups {
		for j := range i {
			swapped := append([]string{}, groups...)
			swapped[i], swapped[j] = groups[j], groups[i]
			if groups[i] != groups[j] {
				names(strings.Join(swapped, "-"), j+1)
			}
		}
	}
}

func TestCodeRefuses(t *testing.T) {
	text := keys.NewCode().Show()
	for _, typed := range []string{"", "-", text[:41], text + "-" + text[:5], strings.Repeat(" ", 1<<20), strings.Repeat(" ", 256) + text, text + strings.Repeat("0", 1<<20), "\x00" + text, text[:12] + "\u2028" + text[12:]} {
		got, err := keys.ParseCode(typed)
		assert.ErrorIs(t, err, keys.ErrMalformed)
		assert.Nil(t, got)
	}
}

func TestAccountIDText(t *testing.T) {
	id := keys.NewAccount(device(1)).ID()
	assert.Regexp(t, `^[0-9a-hjkmnp-tv-z]{40}$`, id.String())
	assert.Regexp(t, `^([0-9a-hjkmnp-tv-z]{5} ){7}[0-9a-hjkmnp-tv-z]{5}$`, id.Fingerprint())
	assert.Regexp(t, `^([0-9a-hjkmnp-tv-z]{6}-){7}[0-9a-hjkmnp-tv-z]{6}$`, id.Show())
	assert.Equal(t, id.String(), strings.ReplaceAll(id.Fingerprint(), " ", ""))
	for _, text := range []string{id.String(), id.Fingerprint(), id.Show()} {
		for _, typed := range []string{text, strings.ToUpper(text), strings.NewReplacer("0", "o", "1", "L", "-", " ").Replace(text)} {
			got, err := keys.ParseAccountID(typed)
			require.NoError(t, err)
			assert.Equal(t, id, got)
		}
	}
	text := id.Show()
	for i := range len(text) {
		if text[i] == '-' {
			continue
		}
		other := letters[(strings.IndexByte(letters, text[i])+1)%32]
		for _, typed := range []string{text[:i] + string(other) + text[i+1:], text[:i] + text[i+1:]} {
			got, err := keys.ParseAccountID(typed)
			require.ErrorIs(t, err, keys.ErrMalformed)
			require.Contains(t, err.Error(), fmt.Sprintf("group %d:", i/7+1))
			require.Zero(t, got)
		}
	}
	_, err := keys.ParseAccountID(id.Fingerprint()[:20] + "!" + id.Fingerprint()[21:])
	assert.ErrorContains(t, err, "group 4:")
	_, err = keys.ParseAccountID(id.Fingerprint()[:46])
	assert.ErrorContains(t, err, "group 8:")
}

// TestStoredIDs shows that ids in stored text have one spelling, since they are
// compared as text.
func TestStoredIDs(t *testing.T) {
	id := keys.NewAccount(device(1)).ID()
	raw, err := json.Marshal(map[keys.AccountID]keys.AccountID{id: id})
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf(`{"%s":"%s"}`, id, id), string(raw))
	var back map[keys.AccountID]keys.AccountID
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, map[keys.AccountID]keys.AccountID{id: id}, back)

	var group keys.GroupID
	require.NoError(t, group.UnmarshalText([]byte(id.String())))
	assert.Equal(t, id.String(), group.String())
	for _, text := range []string{"", strings.ToUpper("a" + id.String()[1:]), id.Fingerprint(), id.Show(), id.String() + "0", id.String()[1:], "o" + id.String()[1:], "u" + id.String()[1:], " " + id.String()[1:]} {
		a, g := id, group
		assert.ErrorIs(t, a.UnmarshalText([]byte(text)), keys.ErrMalformed, text)
		assert.ErrorIs(t, g.UnmarshalText([]byte(text)), keys.ErrMalformed, text)
		assert.Equal(t, id, a, "left alone")
	}
}

// TestUses shows that one code in different uses gives unrelated keys.
func TestUses(t *testing.T) {
	code, again := keys.NewCode(), keys.NewCode()
	guest := ring.PrivateOf(code.Guest()).Public()
	assert.Equal(t, guest.ID, ring.PrivateOf(code.Guest()).Public().ID)
	assert.NotEqual(t, guest.ID, ring.PrivateOf(again.Guest()).Public().ID)
	_, err := keys.ParseIdentity(guest.Record, guest.ID, nil)
	assert.NoError(t, err)
	assert.NotEqual(t, guest.ID, [25]byte(keys.NewAccount(code.Credential()).ID()))
}
