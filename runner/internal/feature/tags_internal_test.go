package feature

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The cases follow the official ones of the grammar: its evaluations, its
// parsing and its errors.
//
// Source: testdata of github.com/cucumber/tag-expressions.
func TestTagExpressionsChoose(t *testing.T) {
	type tags = []string
	for name, row := range map[string]struct {
		expr  string
		takes []tags
		not   []tags
	}{
		"nothing chooses everything":       {"", []tags{nil, {"@a"}}, nil},
		"blanks choose everything":         {" \t\n", []tags{nil, {"@a"}}, nil},
		"a tag":                            {"@a", []tags{{"@a"}, {"@b", "@a"}}, []tags{nil, {"@b"}, {"@ab"}, {"@A"}}},
		"blanks around it do not count":    {"  @a\t", []tags{{"@a"}}, []tags{nil}},
		"not":                              {"not @a", []tags{nil, {"@b"}}, []tags{{"@a"}, {"@a", "@b"}}},
		"not of not":                       {"not not @a", []tags{{"@a"}}, []tags{nil}}, //nolint:dupword // an expression
		"and":                              {"@a and @b", []tags{{"@b", "@a"}}, []tags{{"@a"}, {"@b"}, nil}},
		"or":                               {"@a or @b", []tags{{"@a"}, {"@b"}, {"@a", "@b"}}, []tags{nil, {"@c"}}},
		"and binds closer than or":         {"@a or @b and @c", []tags{{"@a"}, {"@b", "@c"}}, []tags{{"@b"}, {"@c"}}},
		"and binds closer, also before or": {"@a and @b or @c", []tags{{"@c"}, {"@a", "@b"}}, []tags{{"@a"}, {"@b"}}},
		"not binds closest":                {"not @a and @b", []tags{{"@b"}}, []tags{nil, {"@a"}, {"@a", "@b"}}},
		"not of the right side":            {"@a and not @b", []tags{{"@a"}}, []tags{{"@a", "@b"}, nil}},
		"not and or":                       {"not @a or @b", []tags{nil, {"@b"}, {"@a", "@b"}}, []tags{{"@a"}}},
		"a chain of or":                    {"@a or @b or @c", []tags{{"@a"}, {"@b"}, {"@c"}}, []tags{nil}},
		"a chain of and":                   {"@a and @b and @c", []tags{{"@a", "@b", "@c"}}, []tags{{"@a", "@b"}}},
		"parentheses go first":             {"(@a or @b) and @c", []tags{{"@a", "@c"}, {"@b", "@c"}}, []tags{{"@a"}, {"@c"}}},
		"parentheses without blanks":       {"not(@a or @b)and(@c)", []tags{{"@c"}}, []tags{{"@a", "@c"}, nil}},
		"not of parentheses":               {"not (@a and @b)", []tags{nil, {"@a"}, {"@b"}}, []tags{{"@a", "@b"}}},
		"nested parentheses": {
			"((@a and (@b or not (@c or @d))) or @e)",
			[]tags{{"@a"}, {"@a", "@b", "@c"}, {"@e"}},
			[]tags{nil, {"@b"}, {"@a", "@c"}, {"@a", "@d"}},
		},
		"parentheses around nothing else": {"(((@a)))", []tags{{"@a"}}, []tags{nil}},
		"an official long one": {
			"not @a or @b and not @c or not @d or @e and @f",
			[]tags{nil, {"@a", "@b", "@d"}, {"@a", "@d", "@e", "@f"}},
			[]tags{{"@a", "@d"}, {"@a", "@b", "@c", "@d"}, {"@a", "@d", "@e"}},
		},
		"an escaped parenthesis is a part of the tag":    {`@x\(1\)`, []tags{{"@x(1)"}}, []tags{{"@x"}, {`@x\(1\)`}}},
		"an escaped blank is a part of the tag":          {`@x\ y`, []tags{{"@x y"}}, []tags{{"@x"}, {"@y"}}},
		"an escaped backslash is a part of the tag":      {`@x\\`, []tags{{`@x\`}}, []tags{{"@x"}, {`@x\\`}}},
		"escapes beside words":                           {`@x\(1\) or(@y\(2\))`, []tags{{"@x(1)"}, {"@y(2)"}}, []tags{{"@x"}, {"@y"}}},
		"a backslash before a backslash and parenthesis": {`(@x\\\))`, []tags{{`@x\)`}}, []tags{{`@x\`}}},
		"words inside of tags are no words":              {"@and or @not-or", []tags{{"@and"}, {"@not-or"}}, []tags{nil}},
		"a tag in another script":                        {"@größe and not @日本", []tags{{"@größe"}}, []tags{{"@größe", "@日本"}}},
		"an at sign within":                              {"@a@b", []tags{{"@a@b"}}, []tags{{"@a"}, {"@b"}}},
		"a comma is a part of the tag":                   {"@a,@b", []tags{{"@a,@b"}}, []tags{{"@a"}, {"@b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := ParseTags(row.expr)
			require.NoError(t, err)
			for _, have := range row.takes {
				assert.True(t, f(have), "%q with %q, want it chosen", row.expr, have)
			}
			for _, have := range row.not {
				assert.False(t, f(have), "%q with %q, want it left", row.expr, have)
			}
		})
	}
}

func TestTagExpressionsThatAreNone(t *testing.T) {
	for name, row := range map[string]struct{ expr, want string }{
		"two tags side by side":       {"@a @b", `"@b" is not expected here, want and, or, or the end`},
		"a tag before not":            {"@a not @b", `"not" is not expected here, want and, or, or the end`},
		"a tag before parentheses":    {"@a (@b)", `"(" is not expected here, want and, or, or the end`},
		"a parenthesis too many":      {"(@a))", `")" is not expected here, want and, or, or the end`},
		"a word after parentheses":    {"(@a) @b", `"@b" is not expected here, want and, or, or the end`},
		"and at the start":            {"and @a", `"and" is not expected here, want a tag, not, or a parenthesis`},
		"or at the start":             {"or @a", `"or" is not expected here, want a tag, not, or a parenthesis`},
		"or after and":                {"@a and or @b", `"or" is not expected here, want a tag, not, or a parenthesis`},
		"and after not":               {"not and @a", `"and" is not expected here, want a tag, not, or a parenthesis`},
		"empty parentheses":           {"()", `")" is not expected here, want a tag, not, or a parenthesis`},
		"only a closing parenthesis":  {")", `")" is not expected here, want a tag, not, or a parenthesis`},
		"and before a parenthesis":    {"(@a and ) @b", `")" is not expected here, want a tag, not, or a parenthesis`},
		"and at the end":              {"@a and", "it ends where a tag is expected"},
		"or at the end":               {"@a or ", "it ends where a tag is expected"},
		"not at the end":              {"@a and not", "it ends where a tag is expected"},
		"not alone":                   {"not", "it ends where a tag is expected"},
		"only an open parenthesis":    {"(", "it ends where a tag is expected"},
		"an open parenthesis":         {"(@a", "a parenthesis is not closed"},
		"one of two is not closed":    {"((@a or @b) and @c", "a parenthesis is not closed"},
		"two tags within parentheses": {"(@a @b)", "a parenthesis is not closed"},
		"a word without @":            {"smoke", `"smoke" is not a tag, want one that begins with @`},
		"a word without @ after":      {"@a and smoke", `"smoke" is not a tag, want one that begins with @`},
		"words in capitals":           {"@a AND @b", `"AND" is not expected here, want and, or, or the end`},
		"a tilde for not, as once":    {"~@a", `"~@a" is not a tag, want one that begins with @`},
		"a backslash before a letter": {`@a\b`, `a backslash before "b", want it before a space, a backslash or a parenthesis`},
		"a backslash before an at":    {`\@a`, `a backslash before "@", want it before a space, a backslash or a parenthesis`},
		"a backslash at the end":      {`@a\`, "it ends in a backslash"},
		"only an escaped parenthesis": {`\(@a\)`, `"(@a)" is not a tag, want one that begins with @`},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := ParseTags(row.expr)
			assert.Nil(t, f)
			require.EqualError(t, err, "tag expression "+strconv.Quote(row.expr)+": "+row.want)
		})
	}
}

// What was escaped is never a word or a parenthesis of the grammar.
func TestAnEscapedParenthesisOfATagExpressionIsNone(t *testing.T) {
	for name, expr := range map[string]string{
		"an opening parenthesis": `\( @a )`,
		"a closing parenthesis":  `( @a \)`,
		"both":                   `\( @a \)`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseTags(expr)
			require.Error(t, err)
		})
	}
}
