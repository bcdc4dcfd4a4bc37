package runner

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	messages "github.com/cucumber/messages/go/v34"
)

// lenient reads a step that has no definition for what it was to type.
func lenient(text string, t *messages.PickleTable, arg *messages.PickleStepArgument) []entry {
	out := lenientSentence(text)
	if len(out) == 0 {
		out = unquoted(text)
	}
	switch {
	case t != nil && strings.Contains(strings.ToLower(text), "parameter"):
		out = append(out, parameterRows(t)...)
	case t != nil && !describes(t):
		rows := typedRows(t)
		if hasSecretWord(text) {
			for i := range rows {
				rows[i].sure = true
			}
		}
		out = append(out, rows...)
	case arg != nil && arg.DocString != nil:
		for line := range strings.SplitSeq(arg.DocString.Content, "\n") {
			out = append(out, lenientSentence(line)...)
		}
	}
	return out
}

// describes reports whether a table has the columns of one that looks at a form
// or at properties: it types nothing.
func describes(t *messages.PickleTable) bool {
	return len(t.Rows) > 0 && slices.ContainsFunc(t.Rows[0].Cells, func(cell *messages.PickleTableCell) bool {
		return slices.Contains([]string{"type", "kind", "label", "title", "required", "path", "property"},
			strings.ToLower(strings.TrimSpace(cell.Value)))
	})
}

// lenientRows reads a table whose first row does not say what its columns are:
// whatever stands beside or below a key of a secret is taken for one.
func lenientRows(t *messages.PickleTable) []entry {
	var out []entry
	add := func(key, value string, sure bool) {
		out = append(out, entry{key: key, value: value, written: writtenCell(value), sure: sure, loose: true})
	}
	for i, row := range t.Rows {
		at := slices.IndexFunc(row.Cells, func(c *messages.PickleTableCell) bool { return secretKey(c.Value) })
		for j, cell := range row.Cells {
			switch above := t.Rows[0].Cells; {
			case i > 0 && j < len(above) && secretKey(above[j].Value):
				add(above[j].Value, cell.Value, true)
			case at >= 0 && j != at:
				add(row.Cells[at].Value, cell.Value, true)
			case at < 0 && j > 0:
				add(row.Cells[0].Value, cell.Value, false)
			}
		}
	}
	return out
}

// types is a word with which people say that they type something.
var types = regexp.MustCompile(
	`(?i)\b(?:fill|typ|enter|submit|set|put|input|provid|us|send|giv|past|writ)(?:s|e|es|ed|ing|ting)?\b`)

// lenientSentence reads a text that is no sentence of the vocabulary: what
// stands between quotes behind a word for a secret is taken for one.
func lenientSentence(text string) []entry {
	if !strings.ContainsAny(text, quoteSigns) {
		return nil
	}
	list := piecesOf(text)
	key, at := secretPlace(text, list)
	if at < 0 {
		return fillsIn(text, list)
	}
	var out []entry
	add := func(text string) {
		out = append(out, entry{key: key, value: unescaped(text), written: text, sure: true, loose: true})
	}
	before := piece{}
	for _, p := range list {
		switch {
		case p.from > at:
			add(p.text)
		case p.to < at-len(key):
			before = p
		}
	}
	if len(out) == 0 && strings.Count(text, `"`)%2 == 1 { // nobody knows which of the quotes is missing
		for part := range strings.SplitSeq(text[min(at, len(text)):], `"`) {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(joints, part) {
				add(part)
			}
		}
	}
	if len(out) == 0 && before.text != "" && !strings.Contains(text[before.to:at], " and ") {
		add(before.text)
	}
	return out
}

// fillsIn reads a sentence that says that something is typed, and names the
// field before or behind it.
func fillsIn(text string, list []piece) []entry {
	if len(list) < 2 || !types.MatchString(outside(text, list)) {
		return nil
	}
	out := make([]entry, 0, len(list))
	add := func(key, value piece) {
		out = append(out, entry{key: key.text, value: unescaped(value.text), written: value.text, loose: true})
	}
	for _, p := range list[1:] {
		add(list[0], p)
	}
	if between := text[list[0].to:list[1].from]; strings.Contains(between, " in") || strings.Contains(between, " at ") {
		add(list[1], list[0])
	}
	return out
}

// joints stand between a key and its value.
var joints = []string{"with", "as", "to", "in", "into", "and", "=", ":", ".", ","}

// secretPlace returns the first word for a secret in a text and where it ends,
// -1 where there is none. A key between quotes goes first: the value may look like one.
func secretPlace(text string, list []piece) (key string, at int) {
	at = -1
	for _, like := range []func(string) bool{likePassword, isName, func(string) bool { return true }} {
		for _, p := range list {
			if at < 0 && like(p.text) && secretKey(p.text) {
				key, at = p.text, p.to
			}
		}
	}
	if at >= 0 && isName(key) {
		if word, to := secretWord(outside(text, list)); to >= 0 && to < at {
			return word, to
		}
		return key, at
	}
	if word, to := secretWord(outside(text, list)); to >= 0 {
		return word, to
	}
	if at >= 0 { // an open quote may have swallowed the value
		if _, to := secretWord(text); to >= 0 && to < at {
			at = to
		}
	}
	return key, at
}

// isName reports whether a text may be the key of a field, and no password.
func isName(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' && r != '_' })
}

var words = regexp.MustCompile(`[\p{L}\p{N}_.]+`)

// otherCodes are codes that nobody keeps to himself.
var otherCodes = regexp.MustCompile(`(?i)\b(?:error|status|response|country|postal|zip)[ _]code`)

// secretWord returns the first word for a secret, and where it ends.
func secretWord(text string) (word string, to int) {
	text = otherCodes.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	for _, m := range words.FindAllStringIndex(text, -1) {
		if w := text[m[0]:m[1]]; isSecretWord(w) {
			return w, m[1]
		}
	}
	return "", -1
}

func hasSecretWord(text string) bool {
	_, at := secretWord(text)
	return at >= 0
}

// camel are the words that a key is made of.
var camel = regexp.MustCompile(`\p{Lu}?[\p{Ll}\p{N}]+|\p{Lu}+`)

// isSecretWord is stricter than [secretKey]: shopping and typing are words too.
func isSecretWord(word string) bool {
	lower := strings.ToLower(word)
	for _, part := range []string{"password", "passphrase", "passcode", "secret", "token"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return likePassword(word) || slices.ContainsFunc(camel.FindAllString(word, -1), func(part string) bool {
		return slices.Contains([]string{"otp", "pin", "mfa", "pass", "pwd", "code"}, strings.ToLower(part))
	})
}

// unquoted reads a sentence that types a secret and has no quotes around it.
func unquoted(text string) []entry {
	_, at := secretWord(text)
	if at < 0 || !types.MatchString(text) {
		return nil
	}
	_, value, ok := strings.Cut(text[at:], " with ")
	if value = strings.Trim(value, " \"'"); !ok || value == "" {
		return nil
	}
	return []entry{{value: value, sure: true, loose: true}}
}

// A piece is what stands between quotes in a text.
type piece struct {
	text     string
	from, to int // within the text, without the quotes
}

// quotes are the signs between which people write, by the one that opens.
var quotes = map[rune]string{'"': `"`, '\'': `'`, '`': "`", '“': "”“", '„': "“”", '«': "»", '‘': "’"}

const quoteSigns = "\"'`“„«‘"

// piecesOf finds what stands between quotes. One that is never closed goes to
// the end.
func piecesOf(text string) []piece {
	var out []piece
	for i := 0; i < len(text); {
		sign, n := utf8.DecodeRuneInString(text[i:])
		closing, opens := quotes[sign]
		if sign == '\'' && i > 0 && !strings.ContainsRune(" \t([{:=,|", rune(text[i-1])) {
			opens = false // an apostrophe
		}
		if i += n; !opens {
			continue
		}
		to, next := closed(text, i, closing)
		if to > i {
			out = append(out, piece{text[i:to], i, to})
		}
		i = next
	}
	return out
}

// closed returns where a quote ends, and where the text goes on behind it.
func closed(text string, from int, closing string) (to, next int) {
	for i := from; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\\' && i+n < len(text):
			_, of := utf8.DecodeRuneInString(text[i+n:])
			n += of
		case strings.ContainsRune(closing, r):
			follows, _ := utf8.DecodeRuneInString(text[i+n:])
			if r != '\'' || !unicode.IsLetter(follows) && !unicode.IsDigit(follows) {
				return i, i + n
			}
		}
		i += n
	}
	return len(text), len(text)
}

// outside blanks what stands between quotes.
func outside(text string, list []piece) string {
	b := []byte(text)
	for _, p := range list {
		for i := p.from; i < p.to; i++ {
			b[i] = ' '
		}
	}
	return string(b)
}

var quotedEscapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// unescaped reads what stands between quotes as a sentence does.
func unescaped(text string) string { return quotedEscapes.Replace(text) }
