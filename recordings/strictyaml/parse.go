// Package strictyaml reads the YAML files that people write for flowtest: bounded,
// in one way each, and with the position of every mistake. It does not know what
// the files are about.
//
// [Reader.Parse] parses a file, and the other methods of [Reader] read its parts and collect the
// mistakes.
package strictyaml

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits say what a file may measure. Some texts take the parser time and memory
// that grow with the square of their length. It also goes one call deeper with
// each level of nesting, and a stack that overflows cannot be recovered from.
type Limits struct {
	Bytes    int
	Brackets int // that are open at once; those inside texts count too
}

// The limits that all files share. No file needs more than a few levels, and the parser
// takes time with the square of the keys of one mapping.
const (
	maxIndent = 128
	maxKeys   = 1000
)

// Parse returns the node of the file's one document, or nil if the file is empty or is not YAML,
// which is a mistake.
func (r *Reader) Parse(data []byte, most Limits) ast.Node {
	source := strings.TrimPrefix(string(data), "\uFEFF")
	at, problem := unreadable(source, most.Bytes)
	if problem != "" {
		r.Add(at, "the file %s", problem)
		return nil
	}
	source = hideBraces(source)
	if at, problem = tooMuch(source, most.Brackets); problem != "" {
		r.Add(at, "the file %s", problem)
		return nil
	}
	file, err := parseSafely(source)
	if err != nil {
		at, problem = syntax(err)
		r.Add(at, "the file is not YAML, %s", problem)
		return nil
	}
	return r.onlyDocument(file)
}

// unreadable finds what no text file holds.
func unreadable(source string, most int) (at Position, problem string) {
	if len(source) > most {
		return Position{1, 1}, fmt.Sprintf("is larger than %d bytes, want a smaller one", most)
	}
	at = Position{1, 1}
	for i, r := range source {
		switch {
		case ' ' <= r && r <= '~': // as most are
		case r == utf8.RuneError && !strings.HasPrefix(source[i:], "\uFFFD"):
			return at, "holds a byte that is not UTF-8, want text: save it as UTF-8"
		case strings.ContainsRune(hiddenOpen+hiddenClose, r),
			r == '\r' && !strings.HasPrefix(source[i:], "\r\n"),
			unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r):
			return at, fmt.Sprintf("holds the character %U, want text: remove it", r)
		}
		at.Column++
		if r == '\n' {
			at = Position{at.Line + 1, 1}
		}
	}
	return at, ""
}

// tooMuch finds nesting that no file needs, and more keys in one mapping. It looks at the
// bare text, so lines of a text that look like keys count too, and brackets in one without
// quotes: the bounds are high enough for both.
func tooMuch(source string, brackets int) (at Position, problem string) {
	depth, line := 0, 0
	var keys [maxIndent + 1]int // lines with a key at each indent, since a line had less indent
	for text := range strings.SplitSeq(source, "\n") {
		line++
		indent := len(text) - len(strings.TrimLeft(text, " \t-?:!&|>"))
		switch found := keyOf(text, indent); {
		case indent > maxIndent && strings.TrimSpace(text) != "":
			return Position{line, 1}, fmt.Sprintf("is indented by %d, want less nesting", indent)
		case found:
			if dash := strings.Index(text[:indent], "- "); dash >= 0 {
				clear(keys[dash+1:]) // the next element of a list
			}
			keys[indent]++
			clear(keys[indent+1:])
			if keys[indent] > maxKeys {
				return Position{line, 1}, fmt.Sprintf("has more than %d keys in one place, want fewer", maxKeys)
			}
		}
		for at := 0; at < len(text); at++ {
			switch text[at] {
			case '"', '\'':
				at = max(at, quoted(text, at, depth))
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > brackets {
				column := utf8.RuneCountInString(text[:at+1])
				return Position{line, column}, fmt.Sprintf("opens %d brackets, want less nesting", depth)
			}
		}
	}
	return Position{}, ""
}

// quoted returns where the text in quotes ends that begins in a line at from, below so many open
// brackets, or -1 if it is not sure that one begins there and ends in the line: a quote within a
// plain text is one of its characters.
func quoted(line string, from, depth int) int {
	before := strings.TrimRight(line[:from], " ")
	switch {
	case depth == 0 && strings.Trim(before, " -?") == "":
	case strings.HasSuffix(before, ":") && len(before) < from:
	case strings.HasSuffix(before, "["), strings.HasSuffix(before, "{"), strings.HasSuffix(before, ","):
	default:
		return -1
	}
	quote := line[from]
	for at := from + 1; at < len(line); at++ {
		switch {
		case line[at] == '\\' && quote == '"':
			at++
		case line[at] == quote && quote == '\'' && strings.HasPrefix(line[at+1:], "'"):
			at++
		case line[at] == quote:
			return at
		}
	}
	return -1
}

// keyOf reports whether a line of that indent may begin with a key.
func keyOf(text string, indent int) bool {
	return strings.Contains(text[indent:], ":") && text[indent] != '#' || strings.Contains(text[:indent], "?")
}

// parseSafely turns a panic of the parser into an error: it receives whatever lies on the disk.
func parseSafely(source string) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("the parser gave up on it")
		}
	}()
	// Keys that are given twice are found later, with both positions.
	return parser.Parse(lexer.Tokenize(source), 0, parser.AllowDuplicateMapKey())
}

// syntax takes position and message from the parser's error. Never its Error
// method, which prints the lines around the mistake and the secrets in them. The
// message ends at the first double quote, for what follows is from the file too.
func syntax(err error) (at Position, problem string) {
	wrong, ok := errors.AsType[*yaml.SyntaxError](err)
	if !ok {
		return Position{1, 1}, err.Error()
	}
	problem, _, _ = strings.Cut(wrong.Message, `"`)
	return placeOf(wrong.Token), strings.ReplaceAll(strings.TrimRight(problem, ": "), "\t", `\t`)
}

// onlyDocument returns what the file's one document holds.
func (r *Reader) onlyDocument(file *ast.File) ast.Node {
	var only *ast.DocumentNode
	for _, doc := range file.Docs {
		if directive, ok := doc.Body.(*ast.DirectiveNode); ok {
			r.Add(placeOf(directive.Start), "the file has a directive, want none: remove it")
			continue
		}
		if only != nil {
			r.Add(startOf(doc), "the file has a second document, want one: remove what follows the first")
			return nil
		}
		only = doc
	}
	if only == nil {
		return nil
	}
	return only.Body
}

func startOf(doc *ast.DocumentNode) Position {
	if doc.Start == nil && doc.Body != nil {
		return PlaceOf(doc.Body)
	}
	return placeOf(doc.Start)
}

// placeOf returns the position of a token; the top of the file if it has none.
func placeOf(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{1, 1}
	}
	return Position{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// In {username: ${NAME}} the braces of the reference are YAML's own, and no
// parser gets past them. So they are hidden from it behind two characters that
// Unicode keeps free for such use; being one character for one, they move no
// position. No file that is YAML without this means something else with it.
const (
	hiddenOpen  = "\uFDD0"
	hiddenClose = "\uFDD1"
)

var bracedReference = regexp.MustCompile(`\$\{([^\s{}\[\],"'#]*)\}`)

func hideBraces(source string) string {
	return bracedReference.ReplaceAllString(source, fmt.Sprintf("$$%s$1%s", hiddenOpen, hiddenClose))
}

var hiddenReference = regexp.MustCompile(`\$` + hiddenOpen + "([^" + hiddenClose + "]*)" + hiddenClose)

func showBraces(text string) string {
	if !strings.Contains(text, hiddenOpen) {
		return text
	}
	return hiddenReference.ReplaceAllString(text, "$${$1}")
}
