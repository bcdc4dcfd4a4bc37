package davinci

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Last returns a JSON object in which every name is unique: of a repeated name it keeps the last
// value, as readers of JSON do. It reports whether a name was repeated. If none was, or if the
// text is not a JSON object, it returns the text itself.
func Last(text []byte) ([]byte, bool) {
	if !beginsAsObject(text) || !gjson.ValidBytes(text) {
		return text, false
	}
	last, twice := lastOf(string(text))
	if !twice {
		return text, false
	}
	return []byte(last), true
}

// lastOf returns a valid JSON text as readers of JSON take it: of a name that is in one
// object twice only the last value is there. It reports whether there is such a name.
func lastOf(text string) (string, bool) {
	if !repeats(text) {
		return text, false
	}
	c := &cleaner{text: text}
	c.value()
	return string(c.out), true
}

// repeats reports whether an object of a valid JSON text has a name twice.
func repeats(text string) bool {
	type open struct {
		object bool
		from   int             // of its names
		many   map[string]bool // the names, if there are many
	}
	const few = 32
	var room [few]string
	names, stack, atName := room[:0], make([]open, 0, 16), false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			atName = text[i] == '{'
			stack = append(stack, open{object: atName, from: len(names)})
		case '}', ']':
			top := len(stack) - 1
			names, stack, atName = names[:stack[top].from], stack[:top], false
		case ',':
			atName = stack[len(stack)-1].object
		case '"':
			end := endOf(text, i)
			if !atName {
				i = end - 1
				continue
			}
			name, o := unquoted(text[i:end]), &stack[len(stack)-1]
			i, atName = end-1, false
			if own := names[o.from:]; o.many == nil && len(own) >= few {
				o.many = make(map[string]bool, 2*few)
				for _, n := range own {
					o.many[n] = true
				}
			}
			switch {
			case o.many != nil && o.many[name], o.many == nil && slices.Contains(names[o.from:], name):
				return true
			case o.many != nil:
				o.many[name] = true
			default:
				names = append(names, name)
			}
		}
	}
	return false
}

// endOf returns where the string ends that begins at text[i].
func endOf(text string, i int) int {
	for i++; ; i++ {
		i += strings.IndexByte(text[i:], '"')
		n := i
		for text[n-1] == '\\' {
			n--
		}
		if (i-n)%2 == 0 {
			return i + 1
		}
	}
}

// unquoted returns the text of a string of JSON.
func unquoted(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	return gjson.Parse(raw).Str
}

// A cleaner copies a valid JSON text, without white space and what is named again later
// in the same object.
type cleaner struct {
	text string
	at   int
	out  []byte
}

func (c *cleaner) blank() {
	for strings.IndexByte(" \t\r\n", c.text[c.at]) >= 0 {
		c.at++
	}
}

// copyTo copies the text up to there.
func (c *cleaner) copyTo(end int) {
	c.out = append(c.out, c.text[c.at:end]...)
	c.at = end
}

func (c *cleaner) value() {
	c.blank()
	switch c.text[c.at] {
	case '{':
		c.object()
	case '[':
		c.copyTo(c.at + 1)
		for c.blank(); c.text[c.at] != ']'; c.blank() {
			if c.text[c.at] == ',' {
				c.copyTo(c.at + 1)
			}
			c.value()
		}
		c.copyTo(c.at + 1)
	case '"':
		c.copyTo(endOf(c.text, c.at))
	default:
		n := strings.IndexAny(c.text[c.at:], " \t\r\n,]}")
		if n < 0 {
			n = len(c.text) - c.at
		}
		c.copyTo(c.at + n)
	}
}

func (c *cleaner) object() {
	begin := len(c.out)
	var members [][2]int // in out; what is named again later is empty
	last := map[string]int{}
	c.at++
	c.out = append(c.out, '{')
	again := false
	for c.blank(); c.text[c.at] != '}'; c.blank() {
		if c.text[c.at] == ',' {
			c.copyTo(c.at + 1)
			c.blank()
		}
		from, end := len(c.out), endOf(c.text, c.at)
		name := unquoted(c.text[c.at:end])
		c.copyTo(end)
		c.blank()
		c.copyTo(c.at + 1) // the colon
		c.value()
		if before, ok := last[name]; ok {
			members[before], again = [2]int{}, true
		}
		last[name] = len(members)
		members = append(members, [2]int{from, len(c.out)})
	}
	c.at++
	c.out = append(c.out, '}')
	if !again {
		return
	}
	kept := []byte{'{'}
	for _, m := range members {
		if m[1] == 0 {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, c.out[m[0]:m[1]]...)
	}
	c.out = append(append(c.out[:begin], kept...), '}')
}

// firstObject returns the first object of a text that need not be JSON, "" if there is none; one
// that breaks off goes up to the end. An array holds none.
func firstObject(text string) string {
	text = strings.TrimLeft(text, " \t\r\n")
	from := strings.IndexByte(text, '{')
	if from < 0 || text[0] == '[' {
		return ""
	}
	depth, quoted := 0, false
	for i := from; i < len(text); i++ {
		switch b := text[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{', b == '[':
			depth++
		case b == '}', b == ']':
			if depth--; depth == 0 {
				return text[from : i+1]
			}
		}
	}
	return text[from:]
}

// everyAt returns every string at a path, names with dots between them, also of names that
// are in one object twice. The text may break off.
func everyAt(text, path string, out []string) []string {
	name, rest, deep := strings.Cut(path, ".")
	gjson.Result{Type: gjson.JSON, Raw: text}.ForEach(func(key, value gjson.Result) bool {
		switch {
		case key.Str != name:
		case deep && value.IsObject():
			out = everyAt(value.Raw, rest, out)
		case !deep && value.Type == gjson.String:
			out = append(out, value.Str)
		}
		return true
	})
	return out
}
