// Package secrettest looks for key material in whatever a value can be made to
// print, for tests.
package secrettest

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// Silent fails the test if v, or anything that holds v, shows one of secrets.
func Silent(t testing.TB, v any, secrets ...[]byte) {
	t.Helper()
	for _, s := range secrets {
		if len(s) < 16 {
			t.Fatalf("a secret of %d bytes may be found by chance", len(s))
		}
		if where := shows(v, s); where != "" {
			t.Errorf("%T shows its secret: %s", v, where)
		}
	}
}

// Shows reports whether v, or anything that holds v, shows secret.
func Shows(v any, secret []byte) bool { return shows(v, secret) != "" }

func shows(v any, secret []byte) string {
	needles := spellings(secret)
	for shape, held := range shapes(v) {
		for how, out := range outputs(held) {
			for spelling, needle := range needles {
				if strings.Contains(out, needle) {
					return fmt.Sprintf("%s, by %s, in %s", shape, how, spelling)
				}
			}
		}
	}
	return ""
}

// spellings are what 12 bytes from the middle of a secret look like, so that a
// part of it is found too.
func spellings(secret []byte) map[string]string {
	part := secret[2:14]
	decimal := strings.Trim(fmt.Sprint(part), "[]")
	out := map[string]string{
		"raw":           string(part),
		"hex":           hex.EncodeToString(part),
		"HEX":           strings.ToUpper(hex.EncodeToString(part)),
		"spaced hex":    fmt.Sprintf("% x", part),
		"Go syntax":     strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"),
		"decimal":       decimal,
		"decimal list":  strings.ReplaceAll(decimal, " ", ","),
		"decimal list2": strings.ReplaceAll(decimal, " ", ", "),
		"octal":         strings.Trim(fmt.Sprintf("%o", part), "[]"),
		"binary":        strings.Trim(fmt.Sprintf("%b", part), "[]"),
		"quoted":        strings.Trim(fmt.Sprintf("%q", part), `"`),
		"quoted ASCII":  strings.Trim(fmt.Sprintf("%+q", part), `"`),
	}
	for shift := range 3 { // base64 has three alignments, and a neighbour on both sides
		b := secret[shift:]
		n := len(b) / 3 * 3
		out[fmt.Sprint("base64 at ", shift)] = base64.StdEncoding.EncodeToString(b[:n])[:16]
		out[fmt.Sprint("base64url at ", shift)] = base64.URLEncoding.EncodeToString(b[:n])[:16]
	}
	for shift := range 5 {
		b := secret[shift : shift+10]
		out[fmt.Sprint("base32 at ", shift)] = base32.StdEncoding.EncodeToString(b)
		out[fmt.Sprint("Crockford at ", shift)] = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").EncodeToString(b)
	}
	return out
}

// shapes puts v into what programs put things into.
func shapes(v any) map[string]any {
	t := reflect.TypeOf(v)
	slice := reflect.Append(reflect.MakeSlice(reflect.SliceOf(t), 0, 1), reflect.ValueOf(v))
	pointer := reflect.New(t)
	pointer.Elem().Set(reflect.ValueOf(v))
	table := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[string](), t))
	table.SetMapIndex(reflect.ValueOf("key"), reflect.ValueOf(v))
	return map[string]any{
		"itself":             v,
		"pointer":            pointer.Interface(),
		"slice":              slice.Interface(),
		"map":                table.Interface(),
		"exported field":     struct{ F any }{v},
		"unexported field":   struct{ f any }{v},
		"unexported pointer": struct{ f any }{pointer.Interface()},
		"unexported slice":   struct{ f any }{slice.Interface()},
		"field of a pointer": &struct {
			F any
			f any
		}{v, pointer.Interface()},
	}
}

// outputs are all the texts that v can be made into.
func outputs(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%+s", "%q", "%+q", "%#q", "%x", "% x", "%X", "%#x", "%d", "%+d", "%o", "%b", "%c", "%U", "%e", "%g", "%t", "%T", "%w"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	out["error"] = fmt.Errorf("%v: %w", v, errors.New("x")).Error()
	out["Println"] = fmt.Sprintln(v)
	logged(out, "slog text", v, func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) })
	logged(out, "slog json", v, func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) })
	raw, err := json.Marshal(v)
	out["json"] = fmt.Sprint(string(raw), err)
	raw, err = json.MarshalIndent(v, "", " ")
	out["json, indented"] = fmt.Sprint(string(raw), err)
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(v)
	out["gob"] = fmt.Sprint(b.String(), err)
	return out
}

func logged(out map[string]string, name string, v any, handler func(*bytes.Buffer) slog.Handler) {
	var b bytes.Buffer
	log := slog.New(handler(&b))
	log.Info("message", "key", v, slog.Group("group", "key", v))
	log.With("key", v).Error("message", "values", []any{v})
	out[name] = b.String()
}
