package words_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/words"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		found string
		known []string
		want  string
	}{
		"a letter too few":               {"usernam", []string{"password", "username"}, "username"},
		"a letter too many":              {"laber", []string{"key", "label"}, "label"},
		"two letters changed places":     {"kye", []string{"value", "key"}, "key"},
		"other capitals":                 {"PASSWORD", []string{"password"}, "password"},
		"capitals of another alphabet":   {"ÄRGER", []string{"ärger"}, "ärger"},
		"underscores":                    {"base_url", []string{"baseUrl"}, "baseUrl"},
		"hyphens":                        {"client-id", []string{"clientId"}, "clientId"},
		"a space":                        {"User Name", []string{"username"}, "username"},
		"the nearest of several":         {"sign-no", []string{"sign", "sign-on", "sign-out"}, "sign-on"},
		"the first of equals":            {"ons", []string{"one", "ono"}, "one"},
		"more than half of a short name": {"abcd", []string{"abxy"}, ""},
		"three slips in a long name":     {"regitrtoin", []string{"registration"}, "registration"},
		"four slips in a long name":      {"rgtrtoinX", []string{"registration"}, ""},
		"one letter for another":         {"a", []string{"b"}, ""},
		"nothing known":                  {"a", nil, ""},
		"nothing found":                  {"", []string{"", "key"}, ""},
		"signs only":                     {"--", []string{"__"}, ""},
		"a long text":                    {strings.Repeat("x", 1<<20), []string{"key"}, ""},
		"two of three letters":           {"429", []string{"500"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, words.Nearest(test.found, test.known))
		})
	}
}

func TestSlips(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		found, wanted string
		want          int
	}{
		"equal":              {"abc", "abc", 0},
		"inserted":           {"abc", "abxc", 1},
		"deleted":            {"abc", "ac", 1},
		"replaced":           {"abc", "axc", 1},
		"swapped":            {"abc", "acb", 1},
		"swapped twice":      {"abcd", "badc", 2},
		"nothing to compare": {"", "abc", 3},
		"a character each":   {"käse", "kåse", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := words.Slips(test.found, test.wanted)
			assert.Equal(t, test.want, got)
			got, _ = words.Slips(test.wanted, test.found)
			assert.Equal(t, test.want, got, "the other way round")
		})
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `; did you mean "alice"?`, words.DidYouMean("; ", "alcie", []string{"bob", "alice"}))
	assert.Empty(t, words.DidYouMean("; ", "carol", []string{"bob", "alice"}))
}

func TestLists(t *testing.T) {
	t.Parallel()
	abc := []string{"a", "b", "c"}
	assert.Equal(t, "a, b and c", words.And(abc))
	assert.Equal(t, "a or b", words.Or(abc[:2]))
	assert.Equal(t, "a", words.And(abc[:1]))
	assert.Equal(t, "none", words.Or(nil))
	assert.Equal(t, "a, b, c", words.List(abc, 0))
	assert.Equal(t, "a, b, c", words.List(abc, 3))
	assert.Equal(t, "a, b and 1 more", words.List(abc, 2))
	assert.Equal(t, "none", words.List(nil, 2))
}

func TestCount(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 hops", words.Count(0, "hop"))
	assert.Equal(t, "1 hop", words.Count(1, "hop"))
	assert.Equal(t, "2 hops", words.Count(2, "hop"))
}

func TestCut(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "abc", words.Cut("abc", 3))
	assert.Equal(t, "ab…", words.Cut("abc", 2))
	assert.Equal(t, "äöü", words.Cut("äöü", 3), "characters and not bytes")
	assert.Equal(t, "äö…", words.Cut("äöü", 2))
	assert.Equal(t, "…", words.Cut("abc", 0))
	assert.True(t, utf8.ValidString(words.Cut("a\xffbcd", 2)))
}

func TestPieces(t *testing.T) {
	t.Parallel()
	text := func(s string) words.Piece { return words.Piece{Text: s} }
	ref := func(s string) words.Piece { return words.Piece{Text: s, Ref: true} }
	for given, want := range map[string][]words.Piece{
		"":                nil,
		"abc $ {x}":       {text("abc $ {x}")},
		"${user.x}":       {ref("user.x")},
		"a${b}c${d}":      {text("a"), ref("b"), text("c"), ref("d")},
		"${}":             {ref("")},
		"${a}${b}":        {ref("a"), ref("b")},
		"$${a}":           {text("${a}")},
		"$$${a}":          {text("$${a}")},
		"x$${a}y${b}z$${": {text("x${a}y"), ref("b"), text("z${")},
		"${a$${b}":        {ref("a$${b")},
		"$":               {text("$")},
		"${a}$":           {ref("a"), text("$")},
		"$${$${":          {text("${${")},
		"${a} $${${b}":    {ref("a"), text(" ${"), ref("b")},
	} {
		got, closed := words.Pieces(given)
		assert.Equal(t, want, got, given)
		assert.True(t, closed, given)
	}
	got, closed := words.Pieces("a${b}c${d e")
	assert.Equal(t, []words.Piece{text("a"), ref("b"), text("c"), ref("d e")}, got)
	assert.False(t, closed)
}

func TestArticle(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"array": "an array", "object": "an object", "string": "a string", "null": "null", "nothing": "nothing", "": "",
	} {
		assert.Equal(t, want, words.Article(word))
	}
}
