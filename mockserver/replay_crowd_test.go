package mockserver_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
)

// crowd is how many people sign on at once.
const crowd = 200

// A pass is a step of a walk: what is sent, and the hop that has to answer.
type pass struct {
	action, eventType string
	fields            map[string]string // ${…} stands for the walker's own attribute
	device            string            // JSON, where the field device has it
	want              string            // the name of the recorded hop
}

// A walk is a journey through a flow, wrong at first and then right.
type walk struct {
	flow   string
	shapes []bool // whether the n-th request asks for detailed; the last one repeats
	passes []pass
}

var (
	signOnFields = map[string]string{"username": "${username}", "password": "${password}"}
	wrongFields  = map[string]string{"username": "${username}", "password": "mistaken"}
	accountOf    = map[string]string{
		"user.email": "${email}", "user.name.given": "${givenName}", "user.name.family": "${familyName}", "user.password": "${password}",
	}
	weakAccount = map[string]string{
		"user.email": "${email}", "user.name.given": "${givenName}", "user.name.family": "${familyName}", "user.password": "weak",
	}
)

var signingOn = []pass{
	{"SIGNON", "submit", wrongFields, "", "wrong-password"},
	{"TROUBLE", "action", nil, "", "trouble"},
	{"CANCEL", "action", nil, "", "sign-on-form"},
	{"SIGNON", "submit", wrongFields, "", "wrong-password"},
	{"SIGNON", "submit", signOnFields, "", "completed"},
}

var registering = []pass{
	{"SIGNON", "submit", wrongFields, "", "unknown-user"},
	{"REGISTER", "action", nil, "", "registration-form"},
	{"submit", "submit", weakAccount, "", "weak-password"},
	{"submit", "submit", accountOf, "", "verification-form"},
	{"VERIFY", "submit", map[string]string{"code": "000000"}, "", "wrong-code"},
	{"RESEND", "action", nil, "", "verification-form"},
	{"VERIFY", "submit", map[string]string{"code": "${otp}"}, "", "completed"},
}

var walks = []walk{
	{"sign-on", []bool{false}, signingOn},
	{"sign-on", []bool{true}, signingOn},
	{"sign-on", []bool{false, true, true, false, true, false}, signingOn},
	{"registration", []bool{false}, registering},
	{"registration", []bool{true}, registering},
	{"mfa", []bool{false}, []pass{
		{"SIGNON", "submit", wrongFields, "", "wrong-password"},
		{"SIGNON", "submit", signOnFields, "", "device-form"},
		{"", "submit", nil, `{"type":"SMS","id":"3d671191-1505-4964-9423-6a313f1ec41e","value":"+1 *** **00"}`, "passcode-form"},
		{"VERIFY", "submit", map[string]string{"otp": "000000"}, "", "wrong-passcode"},
		{"CANCEL", "action", nil, "", "device-form"},
		{"", "submit", nil, `{"type":"MOBILE","id":"f7b4ed5f-db65-43a5-94e8-b3a2922a019b","value":"Alice's phone"}`, "push-form"},
		{"", "polling", map[string]string{"poll": "continue"}, "", "push-pending"},
		{"", "polling", map[string]string{"poll": "continue"}, "", "push-still-pending"},
		{"", "polling", map[string]string{"poll": "continue"}, "", "push-approved"},
	}},
	{"password-reset", []bool{false}, []pass{
		{"SIGNON", "submit", wrongFields, "", "wrong-password"},
		{"TROUBLE", "action", nil, "", "reset-form"},
		{"CONTINUE", "submit", map[string]string{"username": "${username}"}, "", "new-password-form"},
		{"RESET", "submit", map[string]string{"recoveryCode": "000000", "newPassword": "${newPassword}"}, "", "wrong-code"},
		{"RESET", "submit", map[string]string{"recoveryCode": "${otp}", "newPassword": "${password}"}, "", "used-password"},
		{"RESET", "submit", map[string]string{"recoveryCode": "${otp}", "newPassword": "${newPassword}"}, "", "completed"},
	}},
}

// The crowd are as many people; no two of them have an attribute in common.
func crowdOf(n int) map[string]map[string]string {
	users := map[string]map[string]string{}
	for i := range n {
		user := map[string]string{"otp": fmt.Sprintf("%06d", 100_000+i)}
		for _, attr := range []string{"username", "password", "newPassword", "email", "givenName", "familyName"} {
			user[attr] = fmt.Sprintf("%s-%03d", attr, i)
		}
		users[user["username"]] = user
	}
	return users
}

// A walker is one of the crowd on a walk.
type walker struct {
	*replay
	walk
	user                   map[string]string
	state                  string
	step                   int // the requests sent so far
	id, token, link, ended string
	minted                 *sync.Map // what the server generated, by value: whose it is
	nodes                  map[string]map[string]string
}

// next sends the walker's next request and says what is wrong with the answer.
func (w *walker) next(t *testing.T) error {
	t.Helper()
	detailed := w.shapes[min(w.step, len(w.shapes)-1)]
	method, to, body, want := http.MethodGet, w.base+authorize(w.flow, "state", w.state), "", "sign-on-form"
	header := map[string]string{}
	if !detailed {
		maps.Copy(header, sdk)
	}
	if w.step > 0 {
		p := w.passes[w.step-1]
		method, to, body, want = http.MethodPost, w.link, w.body(p), p.want
		header["interactionId"], header["interactionToken"] = w.id, w.token
	}
	w.step++
	a, err := w.exchange(t, method, to, header, body)
	if err == nil {
		err = w.check(a, want, detailed)
	}
	if err != nil {
		return fmt.Errorf("%s of %s, request %d, want %q: %w", w.flow, w.user["username"], w.step, want, err)
	}
	return nil
}

// exchange is send for goroutines, which must not end the test.
func (w *walker) exchange(t *testing.T, method, to string, header map[string]string, body string) (a reply, err error) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	for name, value := range header {
		q.Header.Set(name, value)
	}
	p, err := w.RoundTrip(q)
	if err != nil {
		return a, err
	}
	var text bytes.Buffer
	_, err = io.Copy(&text, p.Body)
	a = reply{p.StatusCode, p.Header, map[string]string{}, text.String(), gjson.ParseBytes(text.Bytes())}
	for _, cookie := range p.Cookies() {
		a.cookies[cookie.Name] = cookie.Value
	}
	return a, errors.Join(err, p.Body.Close())
}

func (w *walker) body(p pass) string {
	fields := map[string]any{}
	for key, value := range p.fields {
		if attr, ok := strings.CutPrefix(value, "${"); ok {
			value = w.user[strings.TrimSuffix(attr, "}")]
		}
		fields[key] = value
	}
	if p.device != "" {
		fields["device"] = gjson.Parse(p.device).Value()
	}
	return pressing(p.action, p.eventType, fields)
}

// check compares an answer with the hop that has to give it, and notes the
// handles that it carries.
func (w *walker) check(a reply, want string, detailed bool) error {
	if got, node := a.Get("id").String(), w.nodes[w.flow][want]; got != node {
		return fmt.Errorf("node %q answered with %d, want %q: %s", got, a.status, node, a.text)
	}
	if id := a.Get("interactionId").String(); w.id != "" && id != w.id {
		return fmt.Errorf("interactionId %q, want the walker's own %q", id, w.id)
	}
	if miss := a.header.Get(mockserver.UnmatchedHeader); miss != "" {
		return fmt.Errorf("a miss: %s", a.text)
	}
	for _, of := range crowdNames(a.text) {
		if of != w.user["username"] {
			return fmt.Errorf("an answer that speaks of %s", of)
		}
	}
	token := a.Get("interactionToken").String()
	if token == "" {
		return nil // refused or rewound: what was valid stays valid
	}
	if w.id == "" {
		w.id = a.Get("interactionId").String()
		if err := w.mint(w.id); err != nil {
			return err
		}
	}
	if cookies := [2]string{a.cookies["interactionId"], a.cookies["interactionToken"]}; cookies != [2]string{w.id, token} {
		return fmt.Errorf("cookies %q, want %q and %q", cookies, w.id, token)
	}
	w.token = token
	if code := a.Get("authorizeResponse.code").String(); code != "" {
		if state := a.Get("authorizeResponse.state").String(); state != w.state {
			return fmt.Errorf("state %q, want the walker's own %q", state, w.state)
		}
		w.ended = code
		return errors.Join(w.mint(token), w.mint(code), w.mint(a.Get("session.id").String()), w.mint(a.Get("sessionToken").String()))
	}
	if detailed != a.Get("screen").Exists() || detailed == a.Get("form").Exists() {
		return fmt.Errorf("detailed %t was asked for: %s", detailed, a.text)
	}
	w.link = w.base + envPath + "/davinci/connections/" + a.Get("connectionId").String() + "/capabilities/" + a.Get("capabilityName").String()
	if link := a.Get("_links.next.href").String(); !detailed && link != w.link {
		return fmt.Errorf("link %q, want %q", link, w.link)
	}
	return w.mint(token)
}

// crowdNames returns the users of the crowd that a text names.
func crowdNames(text string) []string {
	var names []string
	for rest := text; ; {
		at := strings.Index(rest, "username-")
		if at < 0 || len(rest) < at+len("username-000") {
			return names
		}
		names = append(names, rest[at:at+len("username-000")])
		rest = rest[at+1:]
	}
}

// mint notes what was generated for this walker. No one else may have it.
func (w *walker) mint(value string) error {
	if other, loaded := w.minted.LoadOrStore(value, w.user["username"]); loaded || value == "" {
		return fmt.Errorf("%q was generated for %v before", value, other)
	}
	return nil
}

// done reports whether the walk is over.
func (w *walker) done() bool { return w.step > len(w.passes) }

// TestTwoHundredInterleavedSignOns walks two hundred people through the flows
// at once: in one goroutine, each a step and then the next one's, and in as
// many goroutines, in process and on a socket.
func TestTwoHundredInterleavedSignOns(t *testing.T) {
	users := crowdOf(crowd)
	nodes := map[string]map[string]string{}
	flows := shipped.Flows(t)
	for _, f := range flows {
		nodes[f.Name] = map[string]string{}
		for _, h := range f.Hops {
			if b := h.Answer().JSON; b != nil {
				nodes[f.Name][h.Name] = gjson.GetBytes(b.Text, "id").String()
			}
		}
	}
	r := replaying(t, mockserver.Config{Flows: flows, Users: users})
	socket := r.onSocket(t)
	minted := &sync.Map{}
	names := slices.Sorted(maps.Keys(users))
	walkers := func(on *replay) []*walker {
		var all []*walker
		for i, name := range names {
			all = append(all, &walker{
				replay: on, walk: walks[i%len(walks)], user: users[name], state: "state-" + name, minted: minted, nodes: nodes,
			})
		}
		return all
	}
	everybodyEnded := func(t *testing.T, all []*walker) {
		t.Helper()
		require.Len(t, all, crowd)
		for _, w := range all {
			assert.NotEmpty(t, w.ended, w.user["username"])
			requireUnauthorized(t, w.send(t, http.MethodPost, w.link,
				map[string]string{"interactionId": w.id, "interactionToken": w.token}, "{}"))
		}
	}

	for where, on := range map[string]*replay{"in process": r, "on a socket": socket} {
		t.Run("step by step "+where, func(t *testing.T) {
			all := walkers(on)
			for going := true; going; {
				going = false
				for i := range all {
					w := all[(i*37)%len(all)] // 37 and 200 have no factor in common: everybody's turn, out of order
					if !w.done() {
						require.NoError(t, w.next(t))
						going = true
					}
				}
			}
			everybodyEnded(t, all)
		})

		t.Run("in goroutines "+where, func(t *testing.T) {
			all := walkers(on)
			begin, wrong := make(chan struct{}), make(chan error, crowd)
			var group sync.WaitGroup
			for _, w := range all {
				group.Go(func() {
					<-begin
					for !w.done() {
						if err := w.next(t); err != nil {
							wrong <- err
							return
						}
					}
				})
			}
			close(begin)
			group.Wait()
			close(wrong)
			for err := range wrong {
				t.Error(err)
			}
			everybodyEnded(t, all)
		})
	}
}

// TestReplaySharesASignOn sends the requests of one sign-on at once: whatever
// their order, each gets an answer, and only one gets the end.
func TestReplaySharesASignOn(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	s := r.start(t, "sign-on")
	var group sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	body := pressing("SIGNON", "submit", rightly("ann"))
	for range 50 {
		group.Go(func() {
			w := &walker{replay: r}
			a, err := w.exchange(t, http.MethodPost, s.link, s.headers(), body)
			mu.Lock()
			defer mu.Unlock()
			assert.NoError(t, err)
			got[a.status]++
		})
	}
	group.Wait()
	assert.Equal(t, map[int]int{http.StatusOK: 1, http.StatusUnauthorized: 49}, got)
}
