package learn

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	made "flowtest/steps/generated" // generated is a function here
	"flowtest/steps/secret"
)

// A known is a value of one journey whose meaning is known.
type known struct {
	value string
	name  string // the variable that takes its place
	text  string // what takes its place if it has no variable
	exact bool   // it is searched only as a whole value
	word  bool   // it is a plain word, which is searched only in sentences
}

// completion holds the variables of the end of a flow, by JSON path.
//
// Source: "JSON Responses", the sample of a completed flow.
var completion = map[string]string{
	"authorizeResponse.code":         "code",
	"authorizeResponse.access_token": "accessToken",
	"authorizeResponse.id_token":     "idToken",
	"session.id":                     "sessionId",
	"sessionToken":                   "sessionToken",
	"environment.id":                 "envID",
}

// A follower finds which values of an answer come back in later requests.
type follower struct{ *learner }

// follow finds the meaning of the values of every journey by where they return: a value of a
// response that a later request sends back, a value of the authorize request that a response
// echoes, and the values of the completion.
func (l follower) follow() {
	l.roles = map[string]string{}
	l.environments = map[string]bool{}
	l.owns()
	for _, j := range l.journeys {
		j.user = l.person(j)
		for _, s := range j.steps {
			l.followRequest(s)
			l.followResponse(s)
		}
		for i := range j.known {
			if j.known[i].name == "envID" {
				l.environments[j.known[i].value] = true
			}
		}
	}
	inputReader(l).typed()
	structure := inputReader(l).structure()
	for _, j := range l.journeys {
		j.structure = structure
	}
	for _, s := range l.steps {
		l.learnRoles(s)
	}
}

// A layer holds some of the known values of a journey.
type layer struct {
	whole   map[string]*known   // by the values as they are
	written map[string][]*known // by how a service writes them down, of those that are searched in texts
}

// put adds a known value, once, and lets r find it.
func (y *layer) put(k known, r *secret.Redactor) {
	if k.value == "" || y.whole[k.value] != nil {
		return
	}
	if y.whole == nil {
		y.whole, y.written = map[string]*known{}, map[string][]*known{}
	}
	y.whole[k.value] = &k
	if k.exact {
		return
	}
	for _, same := range alike(k.value) {
		r.Add(same)
		y.written[same] = append(y.written[same], &k)
	}
}

// An index finds the known values of a journey in a text in one pass. A value that is in
// several layers is what it is in the first of them: what the journey sent and got, what
// is equal in all journeys, its user, and what all journeys have besides.
type index struct {
	layers [4]*layer
	finder *secret.Redactor // of all layers
}

// whole returns the known value that is equal to text, or nil.
func (x *index) whole(text string) *known {
	for _, y := range x.layers {
		if k := y.whole[text]; k != nil {
			return k
		}
	}
	return nil
}

// written returns the known value that a service writes so, or nil if it is searched only as a
// whole.
func (x *index) written(same string) *known {
	for _, y := range x.layers {
		for _, k := range y.written[same] {
			if x.whole(k.value) == k {
				return k
			}
		}
	}
	return nil
}

// index returns the index of the journey. Only the last one is kept: all of them would need
// more memory than their bodies.
func (j *journey) index() *index {
	if l := j.l; l.looked != j {
		l.looked, l.index = j, follower{l}.indexOf(j)
	}
	return j.l.index
}

func (l follower) indexOf(j *journey) *index {
	if l.common == nil {
		l.common = l.indexOfAll()
	}
	x := *l.common
	x.layers[0], x.layers[2], x.finder = &layer{}, &layer{}, &secret.Redactor{Parent: l.common.finder}
	for i := range j.known {
		x.layers[0].put(j.known[i], x.finder)
	}
	l.attributes(j.user, func(k known) { x.layers[2].put(k, x.finder) })
	return &x
}

// indexOfAll returns what the indices of all journeys have in common: there may be as many
// typed secrets as journeys.
func (l follower) indexOfAll() *index {
	x := &index{finder: &secret.Redactor{}, layers: [4]*layer{1: {}, 3: {}}}
	first, last := x.layers[1], x.layers[3]
	for _, env := range sorted(l.environments) {
		first.put(known{value: env, name: "envID"}, x.finder)
	}
	for _, value := range sorted(l.o.Generated) {
		first.put(known{value: value, name: l.o.Generated[value], exact: len(value) < minLength}, x.finder)
	}
	for _, name := range sorted(l.o.Users) {
		if !l.o.Made[name] { // the answers do not have the users of other scenarios
			l.attributes(l.o.Users[name], func(k known) { last.put(k, x.finder) })
		}
	}
	for i, value := range slices.Concat(l.o.Secrets, l.typedSecrets) {
		last.put(known{value: value, text: standIn(i)}, x.finder)
	}
	return x
}

// minLength is how long a generated value is at least; shorter ones are words.
const minLength = 8

// learn adds a known value, once.
func (j *journey) learn(k known) {
	if k.value == "" || j.names[k.value] != "" {
		return
	}
	if j.names == nil {
		j.names = map[string]string{}
	}
	k.value = strings.Clone(k.value) // which is a part of a body
	j.names[k.value] = k.name + k.text
	j.known = append(j.known, k)
}

// followRequest notes the address of the service and the values that the request sends back.
func (l follower) followRequest(s *step) {
	u := s.x.URL
	s.j.learn(known{value: u.Scheme + "://" + u.Host, name: "authPath"})
	if env := environment(u); env != "" {
		s.j.learn(known{value: env, name: "envID"})
	}
	if s.starts {
		if v := s.Query.Get("state"); len(v) >= shortest {
			s.j.learn(known{value: v, name: "state", exact: len(v) < minLength})
		}
		l.notePolicy(s.Query.Get("acr_values"))
	}
	for _, name := range []string{handleID, handleToken} {
		for _, v := range s.x.Handed(name) {
			if len(v) >= minLength && v != "deprecated" {
				s.j.learn(known{value: v, name: name})
			}
		}
	}
}

// environment returns the environment id of a URL, "" on a custom domain.
//
// Source: the links of the official pages: {{authPath}}/{{envID}}/davinci/…
func environment(u *url.URL) string {
	first, rest, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !ok || first == "as" || first == "davinci" {
		return ""
	}
	if strings.HasPrefix(rest, "as/") || strings.HasPrefix(rest, "davinci/") {
		return first
	}
	return ""
}

// notePolicy notes the flow policy that the exchanges name.
func (l follower) notePolicy(id string) {
	if l.policy == "" && hex32().MatchString(id) {
		l.policy = id
	}
}

// followResponse notes the values of the completion and of cookies.
func (l follower) followResponse(s *step) {
	for _, c := range s.x.SetCookies() {
		if len(c.Value) >= minLength && (c.Name == handleID || c.Name == handleToken) {
			s.j.learn(known{value: c.Value, name: c.Name})
		}
	}
	top := s.top()
	if !top.Get("authorizeResponse").Exists() && !top.Get("session").Exists() && !top.Get("status").Exists() {
		return
	}
	for _, path := range sorted(completion) {
		if v := top.Get(path); v.Type == gjson.String && len(v.Str) >= minLength {
			s.j.learn(known{value: v.Str, name: completion[path]})
			l.tokens = append(l.tokens, strings.Clone(v.Str))
		}
	}
}

// challenge notes the challenge whose state a client asked for.
//
// Source: how the SDKs poll a POLLING field with a challenge.
func (l follower) challenge(x *davinci.Exchange) {
	part := strings.Split(strings.Trim(x.URL.Path, "/"), "/")
	value := part[len(part)-2]
	if len(l.journeys) > 0 && len(value) >= minLength {
		l.journeys[len(l.journeys)-1].learn(known{value: value, name: "challenge"})
	}
}

// learnRoles notes at which places of a response there are values that were
// followed, so that the same place is known where nothing came after it.
func (l follower) learnRoles(s *step) {
	walk(s.top(), func(path string, v gjson.Result) {
		if v.Type != gjson.String || len(v.Str) < minLength {
			return
		}
		if name := s.j.names[v.Str]; slices.Contains(followed, name) {
			l.roles[path] = name
		}
	})
}

// followed are the variables whose places are learned by following.
var followed = []string{handleID, handleToken, "challenge", "sessionId", "sessionToken"}

// person returns the user of the journey: the one of whom it sent the most values, else the
// first of the target.
func (l follower) person(j *journey) map[string]string {
	sent := map[string]int{}
	note := func(text string) {
		for _, name := range l.owners[text] {
			sent[name]++
		}
	}
	for _, s := range j.steps {
		for _, values := range s.Query {
			for _, text := range slices.Compact(slices.Sorted(slices.Values(values))) {
				note(text)
			}
		}
		note(s.ContinueToken)
		s.FormData.ForEach(func(_, v gjson.Result) bool {
			if v.Type == gjson.String {
				note(v.Str)
			}
			return true
		})
	}
	best := ""
	for _, name := range sorted(sent) {
		if sent[name] > sent[best] {
			best = name
		}
	}
	j.matches = sent[best]
	if best == "" {
		for _, name := range sorted(l.o.Users) {
			if !l.o.Made[name] {
				return l.o.Users[name]
			}
		}
	}
	return l.asRefused(j, best)
}

// asRefused returns the attributes of a user as a replay has them: the password of one who is
// refused in the journey is another one.
func (l follower) asRefused(j *journey, name string) map[string]string {
	user := l.o.Users[name]
	if slices.Contains(l.o.Refused[j.steps[0].transcript], name) {
		user = maps.Clone(user)
		user["password"] = made.UUID()
	}
	return user
}

// owns notes the owner of each value of a user.
func (l follower) owns() {
	l.owners = map[string][]string{}
	for _, name := range sorted(l.o.Users) {
		for _, value := range l.o.Users[name] {
			if value != "" {
				l.owners[value] = appendNew(l.owners[value], name)
			}
		}
	}
}

// attributes calls add with each attribute of a user.
func (l follower) attributes(user map[string]string, add func(known)) {
	for _, attr := range sorted(user) {
		if value := user[attr]; attributeName().MatchString(attr) && value != "" {
			word := !secretKeeper(l).secretive(attr, value)
			exact := len(value) < shortest || !word && isWord(value)
			add(known{value: value, name: "user." + attr, exact: exact, word: word})
		}
	}
}

// isWord reports whether a secret may be any word of a text, such as "wrong": it is short and
// has letters only. A secret with digits, such as a code, is also searched inside texts.
func isWord(value string) bool {
	return utf8.RuneCountInString(value) < secret.Long &&
		!strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) })
}

// shortest is the least length of a value that is searched inside texts.
const shortest = 3
