package learn

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	made "flowtest/steps/generated" // generated is a function here
	"flowtest/steps/secret"
)

// A field is an input of a screen.
type field struct{ screen, key string }

// An input describes a field, as the screens show it.
type input struct {
	kind     string // its type, "" if only detailed responses were seen
	secret   bool   // what is typed into it is never shown
	offers   []string
	proposes gjson.Result // what formData.value holds for it
}

// An inputReader finds out what each field of a screen accepts.
type inputReader struct{ *learner }

// screenKey returns a key of a screen that is the same in both shapes.
func screenKey(s *step) string {
	if s == nil {
		return ""
	}
	return s.screen
}

// structure returns the words of the fields of all screens: keys and types.
func (l inputReader) structure() map[string]bool {
	words := map[string]bool{}
	for f, in := range l.inputs {
		words[f.key], words[in.kind] = true, true
	}
	return words
}

// readInputs reads the fields of every screen.
//
// Source: form.components.fields in JSON, formFieldsList in detailed responses.
func (l inputReader) readInputs() {
	l.inputs = map[field]*input{}
	at := func(s *step, key string) *input {
		f := field{screenKey(s), key}
		if l.inputs[f] == nil {
			l.inputs[f] = &input{}
		}
		return l.inputs[f]
	}
	for _, s := range l.steps {
		if s.outcome != davinci.Paused {
			continue
		}
		top := s.top()
		top.Get("form.components.fields").ForEach(func(_, entry gjson.Result) bool {
			in := at(s, entry.Get("key").String())
			in.kind = entry.Get("type").String()
			in.secret = in.secret || strings.HasPrefix(in.kind, "PASSWORD")
			walk(entry.Get("options"), func(_ string, v gjson.Result) { in.offers = appendNew(in.offers, v.String()) })
			return true
		})
		top.Get("screen.properties.formFieldsList.value").ForEach(func(_, entry gjson.Result) bool {
			in := at(s, entry.Get("propertyName").String())
			in.secret = in.secret || entry.Get("hashedVisibility").Bool()
			return true
		})
		top.Get("formData.value").ForEach(func(key, value gjson.Result) bool {
			at(s, key.String()).proposes = value
			return true
		})
	}
}

func (l inputReader) input(s *step, key string) *input {
	if in := l.inputs[field{screenKey(s.from), key}]; in != nil {
		return in
	}
	return &input{}
}

var (
	email = compiled(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9][A-Za-z0-9\-]*(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}`)
	phone = compiled(`\+[0-9][0-9 ().\-]{6,}[0-9]`)
	code  = compiled(`^[0-9]{6,}$`)
)

// reserved reports whether an email address is of a reserved domain.
//
// Source: RFC 2606.
func reserved(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	for _, d := range []string{"example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"} {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return false
}

// private reports whether a typed text identifies a person, or is a one-time code.
func private(text string) bool {
	return code().MatchString(text) || phone().MatchString(text) ||
		slices.ContainsFunc(email().FindAllString(text, -1), func(a string) bool { return !reserved(a) })
}

// typed finds out which attributes the fields accept, and which typed secrets are not
// configured.
func (l inputReader) typed() {
	l.readInputs()
	l.accepted, l.hidden = map[field][]string{}, map[string]bool{}
	l.typedBefore()
	for _, s := range l.steps {
		if s.starts {
			continue
		}
		l.returned(s)
		s.FormData.ForEach(func(key, value gjson.Result) bool {
			l.typedInto(s, key.String(), value)
			return true
		})
	}
}

// typedInto notes what was typed into the field with the key.
func (l inputReader) typedInto(s *step, key string, value gjson.Result) {
	in, f := l.input(s, key), field{screenKey(s.from), key}
	if name := l.generated(value); name != "" {
		attr, code := strings.CutPrefix(name, "user.")
		if code {
			l.accepted[f] = appendNew(l.accepted[f], attr)
		}
		if code || name == made.Password {
			l.noteTyped(value.Str)
		}
		return
	}
	if attr := s.attribute(key, value.String()); attr != "" && value.Type == gjson.String {
		l.hidden[value.Str] = l.hidden[value.Str] || in.secret
		if !slices.Contains(in.offers, value.Str) {
			l.accepted[f] = appendNew(l.accepted[f], attr)
		}
		return
	}
	walk(value, func(path string, v gjson.Result) {
		if path != "phoneNumber" || !fictional().MatchString(v.String()) {
			l.noteSecret(in, v)
		}
	})
}

// tokenField returns the field that notes the tokens of an identity provider which a client
// posts: each way to post them has tokens of its own.
func tokenField(s *step) field { return field{screenKey(s.from), cmp.Or(s.Native, "continueToken")} }

// returned notes the token of an identity provider that a client posts.
func (l inputReader) returned(s *step) {
	if s.ContinueToken == "" {
		return
	}
	l.hidden[s.ContinueToken] = true
	f := tokenField(s)
	if attr := s.j.attribute(f.key, s.ContinueToken); attr != "" {
		l.accepted[f] = appendNew(l.accepted[f], attr)
	} else if !l.anybodys(s.ContinueToken) {
		l.noteTyped(s.ContinueToken)
	}
}

// noteSecret notes a typed value that must not be recorded.
func (l inputReader) noteSecret(in *input, v gjson.Result) {
	text := v.String()
	if v.Type != gjson.String && v.Type != gjson.Number || slices.Contains(in.offers, text) || l.anybodys(text) {
		return
	}
	if in.secret && len(text) >= shortest && sensitive(text) || private(text) && !l.recorded(text) {
		l.noteTyped(text)
	}
}

// recorded reports whether a text is in the previous recording: a person has left it there.
func (l inputReader) recorded(text string) bool {
	if l.o.Previous == nil {
		return false
	}
	files, err := l.o.Previous.Files()
	known := newFinder([]string{text})
	return err == nil && slices.ContainsFunc(slices.Collect(maps.Values(files)), func(file []byte) bool {
		return slices.ContainsFunc(known.known.Find(string(file)), func(f secret.Found) bool { return !f.Inside })
	})
}

// anybodys reports whether a value is an attribute of a user.
func (l inputReader) anybodys(text string) bool { return len(l.owners[text]) > 0 }

// typedBefore copies what the previous recording knows of fields.
func (l inputReader) typedBefore() {
	if l.o.Previous == nil {
		return
	}
	for _, h := range l.o.Previous.Hops {
		for key, value := range h.Request.FormData() {
			attr, wrong := recordings.Attribute(value)
			if attr == "" || wrong {
				continue
			}
			for _, from := range h.From {
				f := field{hopKey(from), key}
				l.accepted[f] = appendNew(l.accepted[f], attr)
			}
		}
	}
}

// attribute returns the attribute of the journey's user whose value was typed
// under key, or "". Of several it is the one after which the key is named.
func (j *journey) attribute(key, value string) string {
	found := ""
	for _, attr := range sorted(j.user) {
		if j.user[attr] != value || value == "" || !attributeName().MatchString(attr) {
			continue
		}
		if found == "" || named(key, attr) {
			found = attr
		}
		if named(key, found) {
			break
		}
	}
	return found
}

// attribute returns the attribute whose value was typed under key, or "": that of the key
// of one-time codes where a current code was.
func (s *step) attribute(key, value string) string {
	if attr := s.j.attribute(key, value); attr != "" || !code().MatchString(value) {
		return attr
	}
	k, err := made.ParseKey(s.j.user[made.TOTP])
	if err != nil || !k.Accepts(value, s.x.Began) {
		return ""
	}
	return made.TOTP
}

// named reports whether a key is named after an attribute: user.email after email.
func named(key, attr string) bool {
	return strings.EqualFold(key[strings.LastIndexByte(key, '.')+1:], attr)
}

// longest is the greatest length of a hop's name.
const longest = 40

// nameOf returns the name of a hop: a screen is named after its title, a refusal after
// what was wrong, a way back after its button.
func nameOf(s *step, to *recordings.Hop) string {
	a := s.named()
	if to != nil {
		return cmp.Or(slug(s.Action), "again") + "-to-" + strings.TrimRight(to.Name, "-")
	}
	switch {
	case s.x.Status >= http.StatusMultipleChoices && s.x.Status < http.StatusBadRequest:
		return "redirected"
	case s.page || !s.object:
		return statusName(s.x.Status)
	case s.outcome == davinci.Paused:
		return cmp.Or(title(a), "screen")
	case s.x.Status >= http.StatusBadRequest:
		return refusal(s, a)
	case s.outcome == davinci.Rewound:
		return "pending"
	case s.outcome == davinci.Completed:
		return "completed"
	case a.Property("error").Exists():
		return "failed"
	default:
		return cmp.Or(slug(a.Property("status").String()), slug(a.Capability()), "ended")
	}
}

// named returns the recorded answer of a step, with variables in place of what a name must
// not hold.
func (s *step) named() *davinci.Answer {
	return davinci.Reader{Waits: !s.starts}.Read(s.x.Status, s.x.ResponseHeader, s.text)
}

// title returns the title of a screen.
func title(a *davinci.Answer) string {
	name := ""
	if screen := a.Screen(); screen != nil {
		name = slug(screen.Name)
	}
	return cmp.Or(name, slug(a.Property("nodeTitle").String()), slug(a.Capability()))
}

// refusal names a refused hop after what was typed wrong, else after the code
// or the message.
func refusal(s *step, a *davinci.Answer) string {
	form := s.request.FormData()
	var wrong []string
	if attr, other := recordings.Attribute(s.request.ContinueToken); other {
		wrong = append(wrong, slug(attr))
	}
	for _, key := range sorted(form) {
		if attr, other := recordings.Attribute(form[key]); other {
			wrong = append(wrong, slug(attr))
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return "wrong-" + strings.Join(slices.Compact(wrong), "-and-")
	}
	code := a.Code()
	if _, err := strconv.Atoi(code); err == nil || strings.Contains(code, " ") {
		code = ""
	}
	return cmp.Or(slug(code), slug(a.Message()), statusName(s.x.Status))
}

func statusName(status int) string {
	return cmp.Or(slug(http.StatusText(status)), "status-"+strconv.Itoa(status))
}

// slug turns a text into a name of small letters, digits and dashes. Of a variable in it only
// the last part remains.
func slug(text string) string {
	text = strings.NewReplacer("{{user.", " ", "{{minted.", " ", "{{", " ", "}}", " ").Replace(text)
	var b strings.Builder
	lower := false
	for _, r := range text {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r != '\'' {
				b.WriteByte('-')
			}
			lower = false
		case unicode.IsUpper(r):
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(r))
			lower = false
		default:
			b.WriteRune(r)
			lower = unicode.IsLower(r)
		}
	}
	name := b.String()
	if len(name) > longest {
		name = name[:longest]
		if at := strings.LastIndexByte(name, '-'); at > longest/2 {
			name = name[:at]
		}
	}
	return strings.Trim(name, "-")
}
