package secret_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/secret"
)

// awkward has something to escape for every encoding.
const awkward = `p"a\s<s>&w'ö/r d+1=~?`

func TestEveryEncodingIsRedacted(t *testing.T) {
	plainJSON := func(v string) string {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		return string(b)
	}
	for name, encoded := range map[string]string{
		"as it is":                      awkward,
		"in a query":                    url.QueryEscape(awkward),
		"in a path":                     url.PathEscape(awkward),
		"in HTML":                       html.EscapeString(awkward),
		"in JSON":                       plainJSON(awkward)[1 : len(plainJSON(awkward))-1],
		"in JSON that leaves HTML be":   `p\"a\\s<s>&w'ö/r d+1=~?`,
		"quoted by Go":                  strconv.Quote(awkward)[1 : len(strconv.Quote(awkward))-1],
		"in Base64":                     base64.StdEncoding.EncodeToString([]byte(awkward)),
		"in Base64 without padding":     base64.RawStdEncoding.EncodeToString([]byte(awkward)),
		"in Base64 for URLs":            base64.URLEncoding.EncodeToString([]byte(awkward)),
		"in Base64 for URLs, unpadded":  base64.RawURLEncoding.EncodeToString([]byte(awkward)),
		"as JavaScript escapes a query": `p%22a%5Cs%3Cs%3E%26w'%C3%B6%2Fr%20d%2B1%3D~%3F`,
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(awkward)
			assert.Equal(t, "before [redacted] after", r.Redact("before "+encoded+" after"))
			assert.Equal(t, `"[redacted]"`, r.Redact(`"`+encoded+`"`))
			assert.Equal(t, "[redacted][redacted]", r.Redact(encoded+encoded))
		})
	}
}

func TestPaddingIsRedactedToo(t *testing.T) {
	r := &secret.Redactor{}
	r.Add("sixteen-letters!")
	assert.Equal(t, "[redacted]", r.Redact(base64.StdEncoding.EncodeToString([]byte("sixteen-letters!"))))
}

func TestTheLongestSecretIsRedactedFirst(t *testing.T) {
	for name, values := range map[string][]string{
		"the longer one was added last":  {"token", "token-and-more"},
		"the longer one was added first": {"token-and-more", "token"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(values...)
			assert.Equal(t, "[redacted] [redacted]", r.Redact("token-and-more token"))

			for who, row := range map[string]struct{ parent, child string }{
				"the parent knows the first":  {values[0], values[1]},
				"the parent knows the second": {values[1], values[0]},
			} {
				t.Run(who, func(t *testing.T) {
					parent := &secret.Redactor{}
					parent.Add(row.parent)
					child := &secret.Redactor{Parent: parent}
					child.Add(row.child)
					assert.Equal(t, "[redacted] [redacted]", child.Redact("token-and-more token"))
				})
			}
		})
	}
}

func TestASecretInsideOfAnotherIsRedacted(t *testing.T) {
	r := &secret.Redactor{}
	r.Add("word", "pass-word-2")
	assert.Equal(t, "[redacted] [redacted]", r.Redact("pass-word-2 word"))
}

func TestAParentIsAskedToo(t *testing.T) {
	parent := &secret.Redactor{}
	parent.Add("of-parent")
	child := &secret.Redactor{Parent: parent}
	child.Add("of-child")
	assert.Equal(t, "[redacted] [redacted]", child.Redact("of-child of-parent"))
	assert.Equal(t, "of-child [redacted]", parent.Redact("of-child of-parent"), "a parent knows nothing of its children")

	parent.Add("of-later")
	assert.Equal(t, "[redacted]", child.Redact("of-later"), "what the parent learns later, the child knows too")

	grandchild := &secret.Redactor{Parent: child}
	assert.Equal(t, "[redacted] [redacted]", grandchild.Redact("of-child of-parent"))
}

func TestWhatStandsForASecretIsLeftAlone(t *testing.T) {
	parent := &secret.Redactor{}
	parent.Add("act")
	child := &secret.Redactor{Parent: parent}
	child.Add("of-child")
	assert.Equal(t, "[redacted] [redacted]", child.Redact("of-child act"))
	assert.Equal(t, "[redacted] [redacted]", child.RedactTyped("of-child act"))
}

func TestWhatIsLearnedLaterIsRedactedLater(t *testing.T) {
	r := &secret.Redactor{}
	assert.Equal(t, "one two", r.Redact("one two"))
	r.Add("one")
	assert.Equal(t, "[redacted] two", r.Redact("one two"))
	r.Add("two", "one")
	assert.Equal(t, "[redacted] [redacted]", r.Redact("one two"))
}

func TestShortAndEmptySecrets(t *testing.T) {
	for name, row := range map[string]struct{ value, text, want string }{
		"an empty one hides nothing":               {"", "any text", "any text"},
		"one letter is hidden":                     {"~", "a~b", "a[redacted]b"},
		"a pin is hidden":                          {"4711", "pin 4711.", "pin [redacted]."},
		"the Base64 of a short one is common text": {"hallo", "aGFsbG8=", "aGFsbG8="},
		"the Base64 of six letters is hidden":      {"hallo!", "aGFsbG8h", "[redacted]"},
		"a short one in a query is hidden":         {"a b", "q=a+b", "q=[redacted]"},
		"a short one in JSON is hidden":            {`a"b`, `"a\"b"`, `"[redacted]"`},
		"letters that are no UTF-8 are hidden":     {"\xffsecret", "x\xffsecret", "x[redacted]"},
		"white space is a secret like any other":   {" \t ", "a \t b", "a[redacted]b"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(row.value)
			assert.Equal(t, row.want, r.Redact(row.text))
		})
	}
}

func TestARedactorThatKnowsNothing(t *testing.T) {
	var none *secret.Redactor
	assert.Equal(t, "text", none.Redact("text"))
	assert.Equal(t, "text", (&secret.Redactor{}).Redact("text"))
	r := &secret.Redactor{}
	r.Add("secret")
	assert.Empty(t, r.Redact(""))
}

func TestARedactorServesSeveralGoroutines(t *testing.T) {
	parent := &secret.Redactor{}
	r := &secret.Redactor{Parent: parent}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			own, shared := fmt.Sprintf("own-%d-own", i), fmt.Sprintf("shared-%d-shared", i)
			r.Add(own)
			parent.Add(shared)
			for range 20 {
				assert.Equal(t, "[redacted] [redacted]", r.Redact(own+" "+shared))
			}
		})
	}
	wg.Wait()
}

func TestWhatIsAddedForLater(t *testing.T) {
	asked := 0
	source := func() []string { asked++; return []string{"later-one", "", "later-two"} }
	r := &secret.Redactor{}
	r.Add("at-once")
	r.AddLater(source)
	assert.Zero(t, asked, "nobody has needed it yet")
	assert.Equal(t, "[redacted] [redacted] [redacted]", r.Redact("at-once later-one later-two"))
	assert.Equal(t, "[redacted]", r.Redact("later-two"))
	assert.Equal(t, 1, asked)

	r.AddLater(func() []string { return []string{"later-one-and-more"} })
	assert.Equal(t, "[redacted] [redacted]", r.Redact("later-one-and-more later-one"))
	assert.Equal(t, 1, asked, "a source is asked once")

	parent := &secret.Redactor{}
	parent.AddLater(func() []string { return []string{"of-parent"} })
	assert.Equal(t, "[redacted]", (&secret.Redactor{Parent: parent}).Redact("of-parent"))
}

func TestTypedSecrets(t *testing.T) {
	var none *secret.Redactor
	assert.Equal(t, "text", none.RedactTyped("text"))

	parent := &secret.Redactor{}
	parent.Add("of-parent", "token-and-more")
	r := &secret.Redactor{Parent: parent}
	r.Add("token", "pass-word", "word", "a b")
	assert.Equal(t, "[redacted] [redacted] [redacted]", r.RedactTyped("pass-word word of-parent"))
	assert.Equal(t, "[redacted] [redacted]", r.RedactTyped("token-and-more token"), "the longest first, whoever knows it")
	assert.Equal(t, "[redacted] a+b", r.RedactTyped("a b a+b"), "in no other encoding")
	assert.Empty(t, r.RedactTyped(""))

	r.AddLater(func() []string { return []string{"came-back"} })
	assert.Equal(t, "came-back", r.RedactTyped("came-back"), "nobody typed it")
}

// A credential is often Base64 of more than the secret, as in Authorization: Basic.
func TestASecretWithinABase64TextIsRedacted(t *testing.T) {
	const value = "correct-horse-battery"
	r := &secret.Redactor{}
	r.Add(value)
	for _, before := range []string{"", "a", "ab", "abc", "client:"} {
		for _, after := range []string{"", "x", "xy", ":more"} {
			for name, encoding := range map[string]*base64.Encoding{
				"standard": base64.StdEncoding, "for URLs": base64.URLEncoding, "unpadded": base64.RawStdEncoding,
			} {
				got := r.Redact("Basic " + encoding.EncodeToString([]byte(before+value+after)))
				assert.Contains(t, got, secret.Redacted, "%s, %q before and %q after", name, before, after)
				for at := 0; at+8 <= len(value); at++ {
					for _, part := range strings.FieldsFunc(got, func(r rune) bool { return r == ' ' || r == '[' || r == ']' }) {
						text, _ := base64.RawStdEncoding.DecodeString(part)
						assert.NotContains(t, string(text), value[at:at+8])
					}
				}
			}
		}
	}
}
