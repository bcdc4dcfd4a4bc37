package diff_test

import (
	"bytes"
	"encoding/json"
	"io"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
)

// FuzzCompare compares a shipped recording with one of which the bodies of the
// first screen and of a refusal are anything that the loader takes.
func FuzzCompare(f *testing.F) {
	for _, dir := range []string{"sign-on", "forms", "mfa"} {
		files := shipped(f, dir).files
		screen, refusal := "account-form.json", "missing-values.json"
		if dir != "forms" {
			screen, refusal = form, wrong
		}
		f.Add(files[path.Join(dir, screen)].Data, files[path.Join(dir, refusal)].Data)
	}
	f.Add([]byte(`{"capabilityName":"x","form":{"components":{"fields":[{"type":"A"},{"type":"A","key":"a.b|#"},7,null]}}}`), []byte(`{"details":[[[[{}]]]]}`))
	f.Add([]byte(`{"capabilityName":"x","screen":{"properties":{"customHTML":{"value":"<input name=a><button data-skcomponent=skbutton>"}}}}`), []byte(`{"code":1e999,"code":{}}`))
	f.Add([]byte(`{"a":`+strings.Repeat(`[`, 200)+strings.Repeat(`]`, 200)+`,"capabilityName":"x","form":{}}`), []byte(`{"":{"":{"":1}}}`))
	f.Fuzz(func(t *testing.T, screen, refusal []byte) {
		files := shipped(t, "sign-on").files
		files[path.Join("sign-on", form)] = &fstest.MapFile{Data: screen}
		files[path.Join("sign-on", wrong)] = &fstest.MapFile{Data: refusal}
		after, err := recordings.Load(files, "sign-on")
		if err != nil {
			return
		}
		again, err := recordings.Load(files, "sign-on")
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(diff.Compare(after, again, diff.Options{})); len(got) > 0 {
			t.Fatalf("a recording differs from itself: %q", got)
		}
		before := shipped(t, "sign-on").load(t)
		there, back := diff.Compare(before, after, diff.Options{}), diff.Compare(after, before, diff.Options{})
		if len(there.Changes()) == 0 != (len(back.Changes()) == 0) {
			t.Fatalf("one way is a difference, the other none: %q and %q", lines(there), lines(back))
		}
		var out bytes.Buffer
		if err := diff.JSON(&out, there); err != nil || !json.Valid(out.Bytes()) {
			t.Fatalf("not JSON (%v): %s", err, out.Bytes())
		}
		for _, line := range lines(there) {
			if strings.ContainsAny(line, "\n\r\x1b") {
				t.Fatalf("a sentence is not one plain line: %q", line)
			}
		}
		if err := diff.Text(io.Discard, there); err != nil {
			t.Fatal(err)
		}
	})
}
