package recordings

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Files returns the files of the recording by name: recording.yaml, the body files and
// the execution logs. Equal recordings give equal bytes. The error says which bodies
// have the same name, or what is missing in a hop.
func (f *Flow) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, h := range f.Hops {
		if h.To != nil {
			continue
		}
		r := &h.Response
		for _, b := range []*Body{r.JSON, r.Detailed, r.HTML} {
			if b == nil {
				continue
			}
			for _, p := range b.files() {
				if other, ok := files[p.file]; ok && !bytes.Equal(other, p.text) {
					return nil, fmt.Errorf("recordings: hop %q: two bodies want the name %s", h.Name, p.file)
				}
				files[p.file] = p.text
			}
		}
	}
	if len(f.Logs) > 0 {
		text, err := encodeLogs(f.Logs)
		if err != nil {
			return nil, err
		}
		files[logFile] = text
	}
	text, err := encode(f)
	if err != nil {
		return nil, err
	}
	files[FileName] = text
	return files, nil
}

// encode writes recording.yaml in the order and manner in which people write
// it: a request on one line where it fits.
func encode(f *Flow) ([]byte, error) {
	var b bytes.Buffer
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
	}
	line("format", strconv.Itoa(Format))
	line("source", string(f.Source))
	line("flow", scalar(f.Name))
	line("description", optional(f.Description))
	line("policy", optional(f.Policy))
	line("client", optional(f.Client))
	if m := f.Meta; m != nil {
		var e entries
		e.add("date", scalar(formatDate(m.Date)))
		e.add("flow", optional(m.Flow))
		e.add("region", optional(m.Region))
		e.add("shape", optional(m.Shape))
		e.add("tool", optional(m.Tool))
		line("recorded", e.flow())
	}
	b.WriteString("hops:\n")
	for i, h := range f.Hops {
		if i > 0 {
			b.WriteByte('\n')
		}
		if err := encodeHop(&b, h); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func encodeHop(b *bytes.Buffer, h *Hop) error {
	fmt.Fprintf(b, "  - name: %s\n", scalar(h.Name))
	var from []string
	for _, screen := range h.From {
		from = append(from, scalar(screen.Name))
	}
	switch len(from) {
	case 0:
	case 1:
		fmt.Fprintf(b, "    from: %s\n", from[0])
	default:
		fmt.Fprintf(b, "    from: [%s]\n", strings.Join(from, ", "))
	}
	request, err := requestEntries(&h.Request)
	if err != nil {
		return fmt.Errorf("recordings: hop %q: %w", h.Name, err)
	}
	entry{"request", "", request}.write(b, "    ")
	if h.To != nil {
		fmt.Fprintf(b, "    to: %s\n", scalar(h.To.Name))
		return nil
	}
	entry{"response", "", responseEntries(&h.Response)}.write(b, "    ")
	return nil
}

func requestEntries(r *Request) (entries, error) {
	var e entries
	if r.Path != "" || r.Method != http.MethodPost {
		e.add("method", optional(r.Method))
	}
	e.add("path", optional(r.Path))
	e.mapping("query", r.Query)
	if r.Session {
		e.add("session", "true")
	}
	e.add("platform", optional(r.Platform))
	e.add("language", optional(r.Language))
	e.add(cmp.Or(r.Native, "continueToken"), optional(r.ContinueToken))
	e.add("eventType", optional(r.EventType))
	e.add("action", optional(r.Action))
	if r.looksAt {
		fields := entries{}
		for i := range r.fields {
			value, err := yamlValue(r.fields[i].value())
			if err != nil {
				return nil, err
			}
			fields.add(scalar(r.fields[i].key), value)
		}
		e = append(e, entry{"formData", "", fields})
	}
	if e == nil {
		e = entries{}
	}
	return e, nil
}

func responseEntries(r *Response) entries {
	var e entries
	e.add("status", strconv.Itoa(r.Status))
	for _, named := range []struct {
		key  string
		body *Body
	}{{"json", r.JSON}, {"detailed", r.Detailed}, {"html", r.HTML}} {
		if named.body != nil {
			e.add(named.key, scalar(named.body.File))
		}
	}
	e.mapping("headers", r.Headers)
	if len(r.Cookies) > 0 {
		var cookies []string
		for _, c := range r.Cookies {
			cookies = append(cookies, scalar(c.String()))
		}
		e.add("cookies", "["+strings.Join(cookies, ", ")+"]")
	}
	return e
}

// An entry is a key of a mapping: with a value on its line, or a mapping below it.
type entry struct {
	key   string
	value string
	below entries
}

type entries []entry

// add adds a key with its value on the same line; without a value it adds nothing.
func (e *entries) add(key, value string) {
	if value != "" {
		*e = append(*e, entry{key: key, value: value})
	}
}

// mapping adds a key with a mapping of texts below it; an empty one adds nothing.
func (e *entries) mapping(key string, m map[string]string) {
	var below entries
	for _, name := range sortedKeys(m) {
		below.add(scalar(name), scalar(m[name]))
	}
	if below != nil {
		*e = append(*e, entry{key, "", below})
	}
}

// flow writes the mapping on one line.
func (e entries) flow() string {
	parts := make([]string, 0, len(e))
	for _, each := range e {
		value := each.value
		if each.below != nil {
			value = each.below.flow()
		}
		parts = append(parts, each.key+": "+value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// width is how long a line of a recording.yaml may be where it can be shorter.
const width = 110

// write writes the entry on one line where it fits, else its mapping below it.
func (e entry) write(b *bytes.Buffer, indent string) {
	one := e.value
	if e.below != nil {
		one = e.below.flow()
	}
	if len(e.below) == 0 || len(indent)+len(e.key)+2+len(one) <= width {
		fmt.Fprintf(b, "%s%s: %s\n", indent, e.key, one)
		return
	}
	fmt.Fprintf(b, "%s%s:\n", indent, e.key)
	for _, each := range e.below {
		each.write(b, indent+"  ")
	}
}

// yamlValue writes a value of formData.
func yamlValue(value any) (string, error) {
	raw, ok := value.(json.RawMessage)
	if !ok {
		text, _ := value.(string)
		return scalar(text), nil
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return "", err
	}
	return yamlOf(plain), nil
}

// yamlOf writes a value as JSON has it in the flow style of YAML.
func yamlOf(value any) string {
	switch v := value.(type) {
	case string:
		return scalar(v)
	case []any:
		parts := make([]string, 0, len(v))
		for _, each := range v {
			parts = append(parts, yamlOf(each))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var e entries
		for _, key := range sortedKeys(v) {
			e.add(scalar(key), yamlOf(v[key]))
		}
		return e.flow()
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return "null" // what came from JSON goes back to it
		}
		return string(text)
	}
}

var (
	// plain is text that YAML reads literally in any place.
	plain = regexp.MustCompile(`^[A-Za-z/_][A-Za-z0-9/_.-]*( [A-Za-z0-9/_.(-][A-Za-z0-9/_.);-]*)*$`)

	// hexadecimal is an id, which is not a number where a letter is in it.
	hexadecimal = regexp.MustCompile(`^[0-9a-f]+(-[0-9a-f]+)*$`)

	// unprintable is what a file of text does not hold and JSON does not escape.
	unprintable = regexp.MustCompile(`[\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{fdd0}\x{fdd1}]`)

	// otherKind is text that YAML takes for no text, in any of its versions.
	otherKind = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|nan|inf)$`)
)

// scalar writes text so that YAML reads it as that text.
func scalar(text string) string {
	if plain.MatchString(text) && !otherKind.MatchString(text) || isID(text) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // a string can always be written
	}
	return unprintable.ReplaceAllStringFunc(strings.TrimSuffix(b.String(), "\n"), func(r string) string {
		return fmt.Sprintf(`\u%04x`, []rune(r)[0])
	})
}

// optional writes text, and nothing if there is none.
func optional(text string) string {
	if text == "" {
		return ""
	}
	return scalar(text)
}

// isID reports whether text is a hexadecimal id that YAML cannot take for a
// number: 12e5 is one, and so is 0b11.
func isID(text string) bool {
	letters := strings.ContainsFunc(strings.ReplaceAll(text, "e", ""), unicode.IsLetter)
	return hexadecimal.MatchString(text) && letters && !strings.HasPrefix(text, "0b")
}
