package secret_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/secret"
)

// awkward has something to escape for every encoding.
const awkward = `p"a\s<s>&w'ö/r d+1=~?😀`

func TestEveryEncodingIsRedacted(t *testing.T) {
	for name, escape := range escapers {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(awkward)
			encoded := escape(awkward)
			assert.Equal(t, "before [redacted] after", r.Redact("before "+encoded+" after"))
			assert.Equal(t, `"[redacted]"`, r.Redact(`"`+encoded+`"`))
			assert.Equal(t, "([redacted])", r.RedactWords("("+encoded+")"))
			for other, again := range escapers {
				twice := again(encoded)
				if got := r.Redact(" " + twice + " "); got != " [redacted] " {
					t.Errorf("%s within %s: %s", name, other, got)
				}
			}
		})
	}
}

func TestPaddingIsRedactedToo(t *testing.T) {
	r := &secret.Redactor{}
	r.Add("sixteen-letters!")
	assert.Equal(t, "[redacted]", r.Redact(base64.StdEncoding.EncodeToString([]byte("sixteen-letters!"))))
}

// What does no harm stays as it is: a short secret is looked for only as a whole value.
func TestNothingHarmlessChanges(t *testing.T) {
	harmless := []string{
		`{"form":{"name":"Sign On","fields":[{"type":"PASSWORD","key":"password","label":"Password"}]},"count":1,"at":[1,2]}`,
		`Feature: A wrong password is refused`,
		`    When I fill in "password" with "${user.password}"`,
		`the flow pauses at "Sign On" (node 1a), want "a" or "1"`,
		`1 scenario, 1 passed (0.1s)`,
		`{"status":"COMPLETED","message":"That was wrong, a user is locked after 1 more","id":"wrong-1"}`,
		`<label for="a">a wrong password</label><input tabindex="1">`,
		`lang=en; stepIndex=0`,
		`/as/authorize?response_mode=pi.flow&step=10`,
		`features/a.feature:1:1: a wrong step`,
	}
	for _, value := range []string{"a", "1", "wrong", "password", "Password", "", "  ", "completed"} {
		r := &secret.Redactor{}
		r.Add(value)
		for _, text := range harmless {
			assert.Equal(t, text, r.Redact(text), "%q", value)
			assert.Equal(t, text, r.RedactWords(text), "%q", value)
		}
	}
	r := &secret.Redactor{}
	r.Add("correct-horse-battery")
	for _, text := range harmless {
		assert.Equal(t, text, r.Redact(text))
	}
}

func TestAShortSecretIsRedactedAsAWholeValue(t *testing.T) {
	for name, row := range map[string]struct{ value, text, want string }{
		"a string of JSON":           {"4711", `{"pin":"4711","is":"14711"}`, `{"pin":"[redacted]","is":"14711"}`},
		"one of an array":            {"4711", `["4711", "4712"]`, `["[redacted]", "4712"]`},
		"a number of JSON":           {"4711", `{"pin": 4711, "is":47110, "at":-4711}`, `{"pin": "[redacted]", "is":47110, "at":-4711}`},
		"a word as a string of JSON": {"wrong", `{"is":"wrong","why":"it is wrong"}`, `{"is":"[redacted]","why":"it is wrong"}`},
		"no key of JSON":             {"p1n#", `{"p1n#" : 1}`, `{"p1n#" : 1}`},
		"JSON in JSON":               {"4711", `{"x":"{\"pin\":\"4711\"}"}`, `{"x":"{\"pin\":\"[redacted]\"}"}`},
		"a value of a form":          {"p@ss", `user=alice&pass=p%40ss&x=1`, `user=alice&pass=[redacted]&x=1`},
		"the last value of a form":   {"p@ss", `user=alice&pass=p%40ss`, `user=alice&pass=[redacted]`},
		"a value of a query":         {"a b", `/x?q=a+b#top`, `/x?q=[redacted]#top`},
		"a value of a query in HTML": {"4711", `<a href="/x?a=1&amp;pin=4711">`, `<a href="/x?a=1&amp;pin=[redacted]">`},
		"a cookie":                   {"4711", "a=b; pin=4711; c=d", "a=b; pin=[redacted]; c=d"},
		"a cell":                     {"4711", "| pin | 4711 |\n| id | 47112 |", "| pin | [redacted] |\n| id | 47112 |"},
		"a text in quotes":           {"4711", `the code "4711" was sent, 4711 is not`, `the code "[redacted]" was sent, 4711 is not`},
		"a text in other quotes":     {"4711", `'4711' and “4711”`, `'[redacted]' and “[redacted]”`},
		"all of an element":          {"739182", "<b> 739182 </b> of 739182", "<b> [redacted] </b> of 739182"},
		"all of a header":            {"4711", "4711", "[redacted]"},
		"an escaped text in quotes":  {`a"b1`, `{"x":"a\"b1"}`, `{"x":"[redacted]"}`},
		"not in Base64":              {"hallo!", "aGFsbG8h", "aGFsbG8h"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(row.value)
			assert.Equal(t, row.want, r.Redact(row.text))
			assert.Equal(t, row.text, r.RedactWords(row.text))
		})
	}
}

func TestSecretsThatHaveMuchInCommon(t *testing.T) {
	for name, row := range map[string]struct {
		values     []string
		text, want string
	}{
		"one begins with another":     {[]string{"token-one", "token-one-and-more"}, "token-one-and-more token-one", "[redacted] [redacted]"},
		"one is within another":       {[]string{"pass-word", "my-pass-word-2"}, "my-pass-word-2 pass-word", "[redacted] [redacted]"},
		"one ends as another goes on": {[]string{"abcdefgh-1", "gh-1-ijklm"}, "abcdefgh-1-ijklm", "[redacted]"},
		"it repeats itself":           {[]string{"aaaaaaaaaa"}, "aaaaaaaaaaaaaaa", "[redacted]"},
		"it looks like an escape":     {[]string{`50%41\u0041&lt;`}, `"50%41\\u0041&lt;" 50%2541%5Cu0041%26lt%3B 50%41\u0041&amp;lt;`, `"[redacted]" [redacted] [redacted]`},
		"it ends in half an escape":   {[]string{`secret-%4`, `secret-\`, `secret-&`}, `secret-%41 secret-\n secret-&lt;`, `[redacted]1 [redacted]n [redacted]lt;`},
		"an escape ends before it":    {[]string{"nothing-new", "41-and-more"}, `C:\nothing-new %41-and-more`, `C:\[redacted] %[redacted]`},
		"what stands for a secret":    {[]string{"redacted", "other-secret"}, "redacted other-secret", "redacted [redacted]"},
		"letters that are no UTF-8":   {[]string{"\xffsecret-1"}, "x\xffsecret-1 %FFsecret-1", "x[redacted] [redacted]"},
		"a number of JSON":            {[]string{"1234567890"}, `{"n":1234567890}`, `{"n":"[redacted]"}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &secret.Redactor{}
			r.Add(row.values...)
			assert.Equal(t, row.want, r.Redact(row.text))
			assert.Equal(t, row.want, r.RedactWords(row.text))
			parent := &secret.Redactor{}
			parent.Add(row.values[0])
			child := &secret.Redactor{Parent: parent}
			child.Add(row.values[1:]...)
			assert.Equal(t, row.want, child.Redact(row.text))
		})
	}
}

// Of a secret of several lines each is one: a log shows them line by line.
func TestEachLineOfASecretIsRedacted(t *testing.T) {
	const key = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQ\r\nshort\r\n-----END KEY-----"
	r := &secret.Redactor{}
	r.Add(key)
	for text, want := range map[string]string{
		key:                                   "[redacted]",
		strings.ReplaceAll(key, "\r\n", "\n"): "[redacted]",
		`{"key":"` + strings.ReplaceAll(key, "\r\n", `\n`) + `"}`: `{"key":"[redacted]"}`,
		"> kqhkiG9w0BAQ\n> MIIEvQIBADANBg\n> short":               "> [redacted]\n> [redacted]\n> short",
		"-----BEGIN KEY-----":                                     "-----BEGIN KEY-----",
	} {
		assert.Equal(t, want, r.Redact(text))
	}
}

func TestFind(t *testing.T) {
	r := &secret.Redactor{}
	r.Add("ann", "hunter2-and-more", "hunter2-")
	const text = `an annual, ann! p=hunter2%2Dand-more aHVudGVyMi1hbmQtbW9yZQ==`
	got := r.Find(text)
	for i := range got {
		assert.Contains(t, []string{"ann", "hunter2%2Dand-more", "hunter2%2D", "aHVudGVyMi1hbmQtbW9yZQ==", "aHVudGVyMi1"}, text[got[i].From:got[i].To])
	}
	assert.Equal(t, []secret.Found{
		{11, 14, "ann", false},
		{18, 36, "hunter2-and-more", false},
		{18, 28, "hunter2-", false},
		{37, 61, "hunter2-and-more", true},
		{37, 48, "hunter2-", true},
	}, got)
	assert.Empty(t, r.Find("%20annual%61"))
	assert.Len(t, r.Find("%20ann%20"), 1)
	assert.Empty(t, (*secret.Redactor)(nil).Find(text))
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

func TestWhatIsAddedLaterIsRedactedLater(t *testing.T) {
	r := &secret.Redactor{}
	assert.Equal(t, "secret-one secret-two", r.Redact("secret-one secret-two"))
	r.Add("secret-one")
	assert.Equal(t, "[redacted] secret-two", r.Redact("secret-one secret-two"))
	r.Add("secret-two", "secret-one")
	assert.Equal(t, "[redacted] [redacted]", r.Redact("secret-one secret-two"))
}

func TestARedactorThatKnowsNothing(t *testing.T) {
	var none *secret.Redactor
	assert.Equal(t, "text", none.Redact("text"))
	assert.Equal(t, "text", none.RedactWords("text"))
	assert.Equal(t, "text", (&secret.Redactor{}).Redact("text"))
	r := &secret.Redactor{}
	r.Add("secret-1")
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
	r.Add("added-at-once")
	r.AddLater(source)
	assert.Zero(t, asked, "nothing has needed it yet")
	assert.Equal(t, "[redacted] [redacted] [redacted]", r.Redact("added-at-once later-one later-two"))
	assert.Equal(t, "[redacted]", r.Redact("later-two"))
	assert.Equal(t, 1, asked)

	r.AddLater(func() []string { return []string{"later-one-and-more"} })
	assert.Equal(t, "[redacted] [redacted]", r.Redact("later-one-and-more later-one"))
	assert.Equal(t, 1, asked, "a source is asked once")

	parent := &secret.Redactor{}
	parent.AddLater(func() []string { return []string{"of-parent"} })
	assert.Equal(t, "[redacted]", (&secret.Redactor{Parent: parent}).Redact("of-parent"))
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
