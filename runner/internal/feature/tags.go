package feature

import (
	"fmt"
	"slices"
	"strings"
)

// A TagFilter reports whether a scenario with these tags is selected.
type TagFilter func(tags []string) bool

// ParseTags reads a Cucumber tag expression: tags joined by and, or, not and
// parentheses; not binds most tightly, then and, then or. An empty expression selects
// everything. A backslash escapes the character after it.
//
// Source: the tag expressions of the Cucumber reference.
func ParseTags(expr string) (TagFilter, error) {
	p := &tagParser{expr: expr}
	if err := p.scan(); err != nil {
		return nil, err
	}
	if len(p.tokens) == 0 {
		return func([]string) bool { return true }, nil
	}
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if t, ok := p.peek(); ok {
		return nil, p.fault("%q is not expected here, want and, or, or the end", t.text)
	}
	return f, nil
}

// HoldingTags are the tags of scenarios that cannot pass yet. A scenario with such a tag
// is skipped unless the tag expression names the tag.
var HoldingTags = []string{"@wip", "@skip"}

// HeldBack returns a function that returns the tag because of which a scenario is skipped
// under a tag expression, "" for none.
func HeldBack(expr string) func(tags []string) string {
	p := &tagParser{expr: expr}
	_ = p.scan() // ParseTags reports a mistake
	hold := slices.DeleteFunc(slices.Clone(HoldingTags), func(tag string) bool {
		return slices.ContainsFunc(p.tokens, func(t tagToken) bool { return t.text == tag })
	})
	return func(tags []string) string {
		for _, tag := range hold {
			if slices.Contains(tags, tag) {
				return tag
			}
		}
		return ""
	}
}

type tagParser struct {
	expr   string
	tokens []tagToken
	at     int
}

// A tagToken is a word of the expression. A word with an escape is never an operator.
type tagToken struct {
	text    string
	escaped bool
}

// scan splits the expression into tokens. A token with an escape, or a tag, is never an
// operator or a parenthesis.
func (p *tagParser) scan() error {
	var token strings.Builder
	escaped, some := false, false // whether the next character, and any character of the token, is escaped
	flush := func() {
		if token.Len() > 0 {
			p.tokens = append(p.tokens, tagToken{token.String(), some})
			token.Reset()
		}
		some = false
	}
	for _, c := range p.expr {
		switch {
		case escaped:
			if !strings.ContainsRune(`()\ `, c) && c != '\t' {
				return p.fault("a backslash before %q, want it before a space, a backslash or a parenthesis", string(c))
			}
			token.WriteRune(c)
			escaped, some = false, true
		case c == '\\':
			escaped = true
		case c == '(' || c == ')':
			flush()
			p.tokens = append(p.tokens, tagToken{string(c), false})
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			flush()
		default:
			token.WriteRune(c)
		}
	}
	if escaped {
		return p.fault("it ends in a backslash")
	}
	flush()
	return nil
}

func (p *tagParser) peek() (tagToken, bool) {
	if p.at >= len(p.tokens) {
		return tagToken{}, false
	}
	return p.tokens[p.at], true
}

func (p *tagParser) next(word string) bool {
	t, ok := p.peek()
	if ok && !t.escaped && t.text == word {
		p.at++
		return true
	}
	return false
}

func (p *tagParser) or() (TagFilter, error) {
	return p.joined("or", p.and, func(a, b bool) bool { return a || b })
}

func (p *tagParser) and() (TagFilter, error) {
	return p.joined("and", p.not, func(a, b bool) bool { return a && b })
}

// joined reads operands joined by a word.
func (p *tagParser) joined(word string, one func() (TagFilter, error), join func(a, b bool) bool) (TagFilter, error) {
	f, err := one()
	for err == nil && p.next(word) {
		left := f
		var right TagFilter
		right, err = one()
		f = func(tags []string) bool { return join(left(tags), right(tags)) }
	}
	return f, err
}

func (p *tagParser) not() (TagFilter, error) {
	if p.next("not") {
		f, err := p.not()
		return func(tags []string) bool { return !f(tags) }, err
	}
	if p.next("(") {
		f, err := p.or()
		if err == nil && !p.next(")") {
			err = p.fault("a parenthesis is not closed")
		}
		return f, err
	}
	t, ok := p.peek()
	switch {
	case !ok:
		return nil, p.fault("it ends where a tag is expected")
	case !t.escaped && slices.Contains([]string{"and", "or", ")"}, t.text):
		return nil, p.fault("%q is not expected here, want a tag, not, or a parenthesis", t.text)
	}
	if !strings.HasPrefix(t.text, "@") {
		return nil, p.fault("%q is not a tag, want one that begins with @", t.text)
	}
	p.at++
	return func(tags []string) bool { return slices.Contains(tags, t.text) }, nil
}

func (p *tagParser) fault(format string, args ...any) error {
	return fmt.Errorf("tag expression %q: "+format, append([]any{p.expr}, args...)...)
}
