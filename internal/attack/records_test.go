package attack_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sealkin/sealkin/envelope"
	"github.com/sealkin/sealkin/hostile"
	"github.com/sealkin/sealkin/internal/box"
	"github.com/sealkin/sealkin/internal/ring"
	"github.com/sealkin/sealkin/keys"
	"github.com/sealkin/sealkin/share"
)

// records are the attacks on wrapped keys, documents, metadata and freshness.
func records() []row {
	return []row{
		{"A21_mauled_account_record", a21}, {"A22_wrapped_keys_exchanged", a22}, {"A23_forged_with_link_material", a23},
		{"A24_padding_oracle", a24}, {"A25_errors_as_oracles", a25}, {"A26_changed_ciphertext", a26},
		{"A27_tag_not_enforced", a27}, {"A29_places_exchanged", a29}, {"A30_exfiltration_by_requests", a30},
		{"A31_metadata_changed", a31}, {"A32_names_in_clear", a32}, {"A34_unverified_plaintext", a34},
		{"A35_planted_documents", a35}, {"A36_randomness_of_the_server", a36}, {"A38_nonce_reuse", a38},
		{"A39_header_outside_the_tag", a39}, {"A40_signature_replaced", a40}, {"A41_content_as_structure", a41},
		{"A42_fixed_key_and_nonce", a42}, {"A44_two_plaintexts", a44}, {"A45_compression", a45},
		{"A46_injected_content", a46}, {"A47_confirmation_of_a_file", a47}, {"A48_lengths", a48},
		{"A49_dropped_reordered_replayed", a49}, {"A50_rollback_of_records", a50},
	}
}

// a21: the server changes the account record bit by bit and watches what the
// client answers. In front of the signature: one error. Behind it, for whoever
// could sign: one error.
func a21(t *testing.T) {
	way, s := device(), hostile.New()
	me := keys.NewAccount(way)
	record := me.Locked().Bytes()
	p := partsOf(record)
	public, behind := same{}, same{}
	quiet(t, s, func() {
		for at := p.identity; at < len(record); at += 3 {
			_, err := unlock(flip(record, at), nil, way)
			require.Error(t, err)
			if at >= p.seeds && at < p.slots-1 || at >= p.signature-sealedKey-32 {
				public.add(t, err)
			}
		}
		for at := p.seeds; at < p.slots-1; at++ { // the sealed private keys
			_, err := unlock(resigned(me, flip(record, at)), nil, way)
			behind.add(t, err)
		}
		for at := p.signature - sealedKey - 32; at < p.signature; at += 5 { // anchor, sealed account key
			_, err := unlock(resigned(me, flip(record, at)), nil, way)
			behind.add(t, err)
		}
		_, err := me.Locked().Unlock(device())
		behind.add(t, err)
		require.ErrorIs(t, err, keys.ErrOpen)
	})
	assert.Len(t, public, 1, public)
	assert.Len(t, behind, 1, behind)
}

// a22: each wrapped key is put into the place of each other one.
func a22(t *testing.T) {
	way := device()
	me, evil := keys.NewAccount(way), person()
	w, g := found(t, me)
	link := w.s.Link(w.id, me.ID())
	record := me.Locked().Bytes()
	trap := must(evil.AddTrustee("x", me.Identity())).Locked().Bytes()
	end := len(trap) - 64
	wrapped := map[string][]byte{ // all 1,244 bytes, and all for keys of mine
		"group key": link[linkHead:], "account key": record[len(record)-64-sealedKey : len(record)-64], "trustee's": trap[end-sealedKey : end],
	}
	read := map[string]func(b []byte) error{
		"group key": func(b []byte) error { _, err := g.Apply(nil, append(bytes.Clone(link[:linkHead]), b...)); return err },
		"account key": func(b []byte) error {
			_, err := unlock(resigned(me, slices.Concat(record[:len(record)-64-sealedKey], b, make([]byte, 64))), nil, way)
			return err
		},
		"trustee's": func(b []byte) error {
			l := must(keys.ParseLockedAccount(resigned(evil, slices.Concat(trap[:end-sealedKey], b, make([]byte, 64))), nil))
			_, err := l.UnlockAsTrustee(me, evil.ID())
			return err
		},
	}
	for place, read := range read {
		texts := same{}
		for name, b := range wrapped {
			require.Len(t, b, sealedKey)
			if err := read(b); name == place {
				require.NoError(t, err, place)
			} else {
				require.ErrorIs(t, err, keys.ErrOpen, "%s in the place of %s", name, place)
				texts.add(t, err)
			}
		}
		texts.add(t, read(flip(wrapped[place], 1200)))
		assert.Len(t, texts, 1, texts)
	}
}

// a23: random and spliced blobs are no keys, and who has all of one invitation
// to read makes nothing that opens in the owner's account.
func a23(t *testing.T) {
	owner, evil := person(), person()
	w, g := found(t, owner)
	c, code, err := g.Invite(share.Reader)
	g = w.commit(c, err, owner)
	link, log := w.s.Link(w.id, owner.ID()), w.s.Log(w.id)
	for range 200 {
		_, err := g.Apply(nil, append(bytes.Clone(link[:linkHead]), random(sealedKey)...))
		require.ErrorIs(t, err, keys.ErrOpen)
		_, err = share.Resume(owner, append(bytes.Clone(g.Bookmark()[:33]), random(168)...), log, nil)
		require.ErrorIs(t, err, keys.ErrOpen)
	}
	for at := linkHead; at < len(link); at += 16 { // two links of one key, spliced
		other := w.s.Link(w.id, keys.AccountID(ring.PrivateOf(code.Guest()).Public().ID))
		_, err := g.Apply(nil, append(bytes.Clone(link[:at]), other[at:]...))
		require.ErrorIs(t, err, keys.ErrOpen)
	}
	c, err = share.Redeem(evil, w.id, code, log, w.s.Links(w.id))
	evils := w.commit(c, err, evil)
	g = w.rotate(must(w.apply(g, owner)), owner)
	_, _, err = envelope.Seal(evils, note("n"), nil)
	require.ErrorIs(t, err, share.ErrForbidden)
	for name, author := range map[string]keys.AccountID{"as itself": evil.ID(), "as the owner": owner.ID()} {
		sealed, _, err := envelope.Seal(signedBy(t, g, author, evil), note("n"), []byte("fits"))
		require.NoError(t, err, name)
		refuses(t, envelope.ErrAuthor, g, note("n"), sealed, name)
		_, err = envelope.Open(owner, note("n"), sealed)
		require.ErrorIs(t, err, keys.ErrMismatch, "in the owner's own documents")
	}
	_, err = owner.Locked().Unlock(code.Credential())
	require.ErrorIs(t, err, keys.ErrMismatch, "an invitation is no way in")
}

// a24: what a decoder says of content whose tag is wrong, of content whose tag
// is right, and of another key.
func a24(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	good := w.store(g, "n", "text")
	_, other := found(t, owner)
	otherKey := sealing(t, other).Key
	texts := same{}
	quiet(t, w.s, func() { // no report, no retry
		for _, at := range []int{41, 73, documentHead, documentHead + sealedStamp - 1, documentHead + sealedStamp, len(good) - 17, len(good) - 1} {
			_, err := envelope.Open(g, note("n"), flip(good, at))
			texts.add(t, err)
		}
		for _, sealed := range [][]byte{
			crafted(t, lie(g, func(s *ring.Sealing) { s.Key = otherKey }), note("n"), "text", func(*craft) {}),
			crafted(t, g, note("other"), "text", func(*craft) {}),
		} {
			_, err := envelope.Open(g, note("n"), sealed)
			texts.add(t, err)
			require.ErrorIs(t, err, keys.ErrOpen)
		}
	})
	assert.Len(t, texts, 1, texts)
	// Bad padding and bad encoding are reached by who has the key and signs: a
	// member, who knows the plaintext anyway. The server reaches neither.
	for name, change := range map[string]func(*craft){
		"padding": func(d *craft) { d.chunk[63] = 1 }, "encoding": func(d *craft) { d.flag = 2 }, "length": func(d *craft) { d.length = 1 << 60 },
	} {
		refuses(t, keys.ErrMalformed, g, note("n"), crafted(t, g, note("n"), "text", change), name)
	}
	_, err := envelope.Open(g, note("n"), flip(crafted(t, g, note("n"), "text", func(d *craft) { d.chunk[63] = 1 }), 400))
	texts.add(t, err)
	assert.Len(t, texts, 1, texts)
	refuses(t, envelope.ErrTruncated, g, note("n"), good[:200])
}

// a25: faults in every field of every sealed record, one error for each
// operation; a file offered for sealing comes back as no wrapped key.
func a25(t *testing.T) {
	owner, way := person(), device()
	me := keys.NewAccount(way)
	w, g := found(t, owner)
	log, link, doc := w.s.Log(w.id), w.s.Link(w.id, owner.ID()), w.store(g, "n", "text")
	for name, op := range map[string]struct {
		record []byte
		from   int // where the sealed part begins
		read   func([]byte) error
	}{
		"link":     {link, linkHead, func(b []byte) error { _, err := g.Apply(nil, b); return err }},
		"bookmark": {g.Bookmark(), 33, func(b []byte) error { _, err := share.Resume(owner, b, log, nil); return err }},
		"snapshot": {g.Marshal(), 33, func(b []byte) error { _, err := share.Restore(owner, b); return err }},
		"document": {doc, 41, func(b []byte) error { _, err := envelope.Open(g, note("n"), b); return err }},
		"account": {me.Locked().Bytes(), partsOf(me.Locked().Bytes()).signature - sealedKey, func(b []byte) error {
			_, err := unlock(resigned(me, b), nil, way)
			return err
		}},
	} {
		texts, end := same{}, len(op.record)
		if name == "account" {
			end -= 64
		}
		for at := op.from; at < end; at += 3 {
			texts.add(t, op.read(flip(op.record, at)))
		}
		assert.Len(t, texts, 1, "%s: %v", name, texts)
	}
	for _, file := range [][]byte{link, link[linkHead:], w.groupKey(owner), g.Bookmark(), me.Locked().Bytes()} {
		sealed, _, err := envelope.Seal(g, note("inbox"), file)
		require.NoError(t, err)
		for name, err := range doors(owner, w, g, sealed) {
			require.Error(t, err, name)
		}
		for name, err := range doors(owner, w, g, sealed[documentHead+sealedStamp:]) {
			require.Error(t, err, name)
		}
	}
}

// readers are all that reads what a server stores of one member.
func readers(owner *keys.Account, w *world, g *share.Group, id string) map[string]func([]byte) error {
	return map[string]func([]byte) error{
		"link":     func(b []byte) error { _, err := g.Apply(nil, b); return err },
		"entry":    func(b []byte) error { _, err := share.ReadLog([][]byte{b}); return err },
		"bookmark": func(b []byte) error { _, err := share.Resume(owner, b, w.s.Log(w.id), nil); return err },
		"snapshot": func(b []byte) error { _, err := share.Restore(owner, b); return err },
		"document": func(b []byte) error { _, err := envelope.Open(g, note(id), b); return err },
		"account":  func(b []byte) error { _, err := keys.ParseLockedAccount(b, nil); return err },
		"identity": func(b []byte) error { _, err := keys.ParseIdentity(b, owner.ID(), nil); return err },
	}
}

func stored(owner *keys.Account, w *world, g *share.Group, id string) map[string][]byte {
	return map[string][]byte{
		"link": w.s.Link(w.id, owner.ID()), "entry": w.s.Log(w.id)[0], "bookmark": g.Bookmark(), "snapshot": g.Marshal(),
		"document": w.s.Get(hostile.Documents, id), "account": owner.Locked().Bytes(), "identity": owner.Identity().Bytes(),
	}
}

// a26: a byte is flipped, taken away, put in, in each kind of record.
func a26(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	w.store(g, "n", "text")
	read := readers(owner, w, g, "n")
	for kind, record := range stored(owner, w, g, "n") {
		require.NoError(t, read[kind](record), kind)
		step := 1 + len(record)/400
		for at := 0; at < len(record); at += step {
			for what, changed := range map[string][]byte{
				"flipped": flip(record, at), "deleted": slices.Delete(bytes.Clone(record), at, at+1),
				"inserted": slices.Insert(bytes.Clone(record), at, record[at]^1),
			} {
				require.Error(t, read[kind](changed), "%s: byte %d %s", kind, at, what)
			}
		}
	}
	forbidden := []string{"crypto/des", "crypto/rc4", "NewCBC", "NewCTR", "NewCFB", "NewOFB", "NewGCMWithNonceSize", "NewGCMWithTagSize", "NewGCM("}
	source(t, func(path, text string) {
		for _, f := range forbidden {
			assert.NotContains(t, text, f, path)
		}
	})
}

// A counting ring counts the keys that an operation asks for.
type counting struct {
	ring.View
	n *int
}

func (c counting) Ring() ring.Ring { return ring.New(c) }

func (c counting) DocumentKey(generation uint32) (*box.Key, error) {
	*c.n++
	return c.View.DocumentKey(generation)
}

// a27: the tag is taken away, zeroed, shortened, or followed by more.
func a27(t *testing.T) {
	owner := person()
	w, g := found(t, owner)
	w.store(g, "n", "text")
	read := readers(owner, w, g, "n")
	for _, kind := range []string{"link", "bookmark", "snapshot", "document"} {
		record := stored(owner, w, g, "n")[kind]
		body := record[:len(record)-16]
		for n := range 16 {
			require.Error(t, read[kind](record[:len(body)+n]), "%s: %d bytes of tag", kind, n)
			require.Error(t, read[kind](append(bytes.Clone(record), make([]byte, n+1)...)), kind)
		}
		require.ErrorIs(t, read[kind](append(bytes.Clone(body), make([]byte, 16)...)), keys.ErrOpen, kind)
	}
	attempts := 0
	record := w.s.Get(hostile.Documents, "n")
	_, err := envelope.Open(counting{ring.Of(g.Ring()), &attempts}, note("n"), flip(record, len(record)-1))
	require.ErrorIs(t, err, keys.ErrOpen)
	require.Equal(t, 1, attempts, "no second key, no second try")
}

// places seals three documents with three names, in two groups and two accounts.
func places(t *testing.T, s *hostile.Server) (refs []envelope.Ref, rings []keys.Ring, sealed map[string][]byte) {
	owner, bob := person(), person()
	_, one := foundAt(t, s, owner)
	_, two := foundAt(t, s, owner)
	rings = []keys.Ring{one, two, owner, bob}
	for _, id := range []string{"bank", "mail", "bank/url"} {
		refs = append(refs, envelope.Ref{Type: "password", ID: id}, envelope.Ref{Type: "url", ID: id}, envelope.Ref{Type: "name", ID: id})
	}
	sealed = map[string][]byte{}
	for n, r := range rings {
		for _, ref := range refs {
			at := fmt.Sprint(n, ref)
			b, _, err := envelope.Seal(r, ref, []byte("canary "+at))
			require.NoError(t, err)
			s.Put(hostile.Documents, at, b)
			sealed[at] = b
		}
	}
	return refs, rings, sealed
}

// a29: each document is served in the place of each other one.
func a29(t *testing.T) {
	refs, rings, sealed := places(t, hostile.New())
	require.Len(t, sealed, 36)
	for n, r := range rings {
		for _, ref := range refs {
			here := fmt.Sprint(n, ref)
			opens(t, r, ref, sealed[here], "canary "+here)
			for at, b := range sealed {
				if at != here {
					d, err := envelope.Open(r, ref, b)
					require.Error(t, err, "%s as %s", at, here)
					require.Nil(t, d)
				}
			}
		}
	}
	require.Error(t, second(envelope.Open(rings[0], envelope.Ref{Type: "passwordbank", ID: "/url"}, sealed[fmt.Sprint(0, refs[6])])), "names moved")
}

func second[T any](_ T, err error) error { return err }

// a30: a secret is put where the app fetches something for. The library fetches
// nothing, and the exchange is refused.
func a30(t *testing.T) {
	s := hostile.New()
	refs, rings, sealed := places(t, s)
	quiet(t, s, func() {
		for n, r := range rings {
			secret := sealed[fmt.Sprint(n, refs[0])]
			_, err := envelope.Open(r, refs[1], secret)
			require.ErrorIs(t, err, keys.ErrOpen)
			_, err = envelope.Inspect(secret)
			require.NoError(t, err)
			_, _, err = envelope.Reseal(r, refs[1], secret)
			require.Error(t, err)
		}
	})
	s.NoLeak(t, "the canary", []byte("canary 0 {"))
	source(t, func(path, text string) {
		for _, f := range []string{`"net"`, `"net/http"`, `"os/exec"`, `"syscall"`, `"plugin"`, `"log"`} {
			assert.NotContains(t, text, f, path)
		}
	})
}

// a31: what a record says in clear is changed.
func a31(t *testing.T) {
	owner := person()
	w, g := foundWith(t, owner, share.Writer, person())
	doc := w.store(g, "n", "text")
	for at := range 41 { // group, generation, revision
		_, err := envelope.Open(g, note("n"), flip(doc, at))
		require.Error(t, err, at)
	}
	entry := w.s.Log(w.id)[1]
	for at := range 4 + 25 + 8 + 32 + 25 + 4 + 10 { // place, author, kind, role
		w.s.Twist(w.id, hostile.With(1, flip(entry, at)))
		_, err := share.ReadLog(w.s.Log(w.id))
		require.Error(t, err, at)
	}
	record := owner.Locked().Bytes()
	for at := range 4 + 25 + 8 { // id, revision
		_, err := keys.ParseLockedAccount(flip(record, at), nil)
		require.Error(t, err, at)
	}
	labels := flip(record, partsOf(record).slots+5)
	_, err := keys.ParseLockedAccount(labels, nil)
	require.ErrorIs(t, err, keys.ErrMalformed, "the label of a way in")
	// Unchecked claims have a type of their own, which nothing takes.
	var claimed envelope.Unverified = must(envelope.Inspect(flip(doc, 39)))
	require.NotEqual(t, must(envelope.Inspect(doc)), claimed)
}

// a32: a canary in each string that a person enters, over a whole life.
func a32(t *testing.T) {
	const canary = "canary that sings"
	owner, bob := person(), person()
	w, g := foundWith(t, owner, share.Writer, bob)
	ref := envelope.Ref{Type: "type " + canary, ID: "id " + canary}
	for range 3 {
		sealed, next, err := envelope.Seal(g, ref, []byte("title: "+canary))
		require.NoError(t, err)
		w.s.Put(hostile.Documents, string(random(16)), sealed)
		ref = next
		opens(t, w.join(bob, owner), ref, sealed, "title: "+canary)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, canary)
	require.NoError(t, os.WriteFile(file, []byte(canary), 0o600))
	_, err := envelope.SealFile(g, ref, file+".sealed", file)
	require.NoError(t, err)
	w.s.Put(hostile.Documents, "file", must(os.ReadFile(file+".sealed")))
	who := keys.Login{Service: service, Name: "jane"}
	locked := keys.NewAccount(must(keys.NewPassphrase(who, canary, cheap, nil))).Locked()
	w.s.Put(hostile.Accounts, "jane", locked.Bytes())
	g = w.remove(g, owner, bob.ID())
	_, err = envelope.Open(g, envelope.Ref{Type: canary, ID: canary}, w.s.Get(hostile.Documents, "file"))
	require.Error(t, err)
	w.s.Observe([]byte(err.Error()))
	w.s.Observe(g.Bookmark(), g.Marshal())
	w.s.NoLeak(t, "the canary", []byte(canary))
}

// a34: the first byte, one in the middle and the last are changed: no byte of
// the segment comes out, nor one behind it, and no file.
func a34(t *testing.T) {
	const segment = 256 << 10
	owner := person()
	_, g := found(t, owner)
	plaintext := bytes.Repeat([]byte("0123456789abcdef"), 3*segment/16)
	sealed, _, err := envelope.Seal(g, note("n"), plaintext)
	require.NoError(t, err)
	dir := t.TempDir()
	for at, whole := range map[int]int{0: 0, 100: 0, documentHead + sealedStamp + 5: 0, segment + 2000: 1, 2*segment + 2000: 2, len(sealed) - 1: 2} {
		bad := flip(sealed, at)
		d, err := envelope.Open(g, note("n"), bad)
		require.Error(t, err)
		require.Nil(t, d)
		var out []byte
		if r, _, err := envelope.NewReader(g, note("n"), bytes.NewReader(bad)); err == nil {
			out, err = io.ReadAll(r)
			require.Error(t, err)
		}
		require.Equal(t, whole*segment, len(out), "at %d", at)
		require.True(t, bytes.HasPrefix(plaintext, out))
		src, dst := filepath.Join(dir, "src"), filepath.Join(dir, "dst")
		require.NoError(t, os.WriteFile(src, bad, 0o600))
		_, err = envelope.OpenFile(g, note("n"), dst, src)
		require.Error(t, err)
		require.NoFileExists(t, dst)
		require.Len(t, must(os.ReadDir(dir)), 1, "no temporary file stays")
	}
}
