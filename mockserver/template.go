package mockserver

import (
	"bytes"
	"crypto/rand"
	"html"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/mockserver/internal/oauth"
	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A template is a body cut at load time into fixed pieces with holes between
// them, so that answering is copying.
type template struct {
	pieces []piece
	size   int
	escape func(string) string // how a client's own value is written into this kind of body
}

// A piece is fixed text and the hole after it.
type piece struct {
	text string
	hole string          // the variable's name, "" after the last text
	form recordings.Form // of a generated value
}

// base is the hole of authPath and envID together: on a custom domain no
// environment id is between them and the rest of a link.
const base = "base"

// shapes are the templates of one body: with and without the state that only
// some clients send.
type shapes struct{ full, stateless func() *template }

// compileBody returns a body that is compiled when it is first sent.
func compileBody(b *recordings.Body, isJSON bool) *shapes {
	if b == nil {
		return nil
	}
	s := &shapes{full: sync.OnceValue(func() *template { return compile(string(b.Text), isJSON) })}
	s.stateless = s.full
	if isJSON && bytes.Contains(b.Text, []byte("{{state}}")) {
		s.stateless = sync.OnceValue(func() *template {
			text, err := sjson.DeleteBytes(bytes.Clone(b.Text), "authorizeResponse.state")
			if err != nil {
				return s.full()
			}
			return compile(string(text), isJSON)
		})
	}
	return s
}

func compile(text string, isJSON bool) *template {
	t := &template{escape: html.EscapeString}
	if isJSON {
		t.escape = jsonInside
		text = string(recordings.Unquoted([]byte(text)))
		text = ownLinks(gjson.Parse(text)).Replace(text)
	}
	text = strings.ReplaceAll(text, "{{authPath}}/{{envID}}", "{{"+base+"}}")
	at := 0
	for _, m := range recordings.Variable.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		if text[m[0]:m[1]] == recordings.Braces {
			t.pieces = append(t.pieces, piece{text: text[at:m[0]] + "{{"})
			at = m[1]
		} else if name == base || recordings.IsVariable(name) {
			form, _ := recordings.ParseForm(name) // the recording was loaded, or made by a program that knows forms
			t.pieces = append(t.pieces, piece{text: text[at:m[0]], hole: name, form: form})
			at = m[1]
		}
	}
	t.pieces = append(t.pieces, piece{text: text[at:]})
	for _, p := range t.pieces {
		t.size += len(p.text) + room(p.hole)
	}
	return t
}

// ownLinks fills in the facts of a body that its own links repeat.
func ownLinks(body gjson.Result) *strings.Replacer {
	return strings.NewReplacer(
		"{{connectionInstanceID}}", body.Get("connectionId").String(),
		"{{capabilityName}}", body.Get("capabilityName").String(),
	)
}

// room is about how long the value of a hole is: short ones, as most are,
// need no more than an id.
func room(hole string) int {
	const id, link, tokens = 40, 120, 2 * wire.TokenBytes
	switch hole {
	case "":
		return 0
	case base:
		return link
	case "interactionToken":
		return tokens
	default:
		return id
	}
}

// render writes the body after out, with v in its holes.
func (t *template) render(out []byte, v *values) []byte {
	out = slices.Grow(out, t.size)
	for i := range t.pieces {
		p := &t.pieces[i]
		out = append(out, p.text...)
		if p.hole != "" {
			out = append(out, t.escape(v.get(p.hole, p.form))...)
		}
	}
	return out
}

// jsonInside writes s as it is between the quotes of a JSON string.
func jsonInside(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted := davinci.Quote(s)
			return quoted[1 : len(quoted)-1]
		}
	}
	return s
}

// values fills the holes of one answer. A value is generated when it is first
// needed and stays the same within the answer.
type values struct {
	s         *Server
	in        *interaction
	user      map[string]string // who signs on, as far as this answer knows
	base      string            // scheme, host and the environment where the path has one
	token     string            // the interactionToken of this answer
	sessionID string
	since     time.Time // when the user signed on; zero means with this answer
	generated map[string]string
}

// get returns the value of a variable, a generated one of that form.
func (v *values) get(name string, form recordings.Form) string {
	switch name {
	case base:
		return v.base
	case "authPath":
		return strings.TrimSuffix(v.base, "/"+v.in.environment)
	case "envID":
		return v.in.environment
	case "davinciFlowPolicyID":
		return v.in.flow.policy
	case "interactionId":
		return v.in.id
	case "interactionToken":
		return v.token
	case "state":
		return v.in.asked.State
	case "sessionId":
		return v.session()
	}
	if attr, ok := strings.CutPrefix(name, "user."); ok {
		return v.user[attr]
	}
	if value, ok := v.in.made[name]; ok {
		return value
	}
	value, ok := v.generated[name]
	if !ok {
		value = v.generate(name, form)
		if v.generated == nil {
			v.generated = map[string]string{}
		}
		v.generated[name] = value
	}
	return value
}

// generate makes the value of a variable.
func (v *values) generate(name string, form recordings.Form) string {
	var value string
	var err error
	switch name {
	case "code":
		value = v.s.oauth.Code(v.grant())
	case "challenge":
		value = wire.UUID()
		v.s.challenges.Put(value, newChallenge(v.in, v.s.end))
	case "accessToken":
		value, err = v.s.oauth.AccessToken(v.grant())
	case "idToken":
		value, err = v.s.oauth.IDToken(v.grant(), v.get("accessToken", recordings.Form{}))
	default:
		value = form.Generate(v.s.now(), rand.Reader)
	}
	if err != nil {
		v.s.log.Error("a token could not be signed", "error", err)
	}
	return value
}

// session returns the id of the session that this answer establishes.
func (v *values) session() string {
	if v.sessionID == "" {
		v.sessionID = wire.UUID()
	}
	return v.sessionID
}

func (v *values) grant() *oauth.Grant {
	return &oauth.Grant{
		Request: v.in.asked, Environment: v.in.environment, Policy: v.in.flow.policy,
		Session: v.session(), User: v.user, At: v.signedOn(), Reusable: v.in.flow.reusable,
	}
}

// signedOn returns when the user signed on.
func (v *values) signedOn() time.Time {
	if v.since.IsZero() {
		return v.s.now()
	}
	return v.since
}
