// Package local adds a tenant to a replay: a management API whose users can sign on, and
// messages with the codes that the recordings expect. It does not check flows.
package local

import (
	"fmt"
	"html"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/users"
)

// MailPath is the path, on the server, of the part of Mailpit's API that lists the
// messages.
const MailPath = "/mail"

// A Config describes a tenant.
type Config struct {
	// Tenant is the environment. Its Added is ignored. Required.
	Tenant fake.Config

	// Users are the users of the replay: attributes by name. The attribute passwordState is
	// the state of the password in the API, such as PASSWORD_EXPIRED. Optional.
	Users map[string]map[string]string

	// Flows are the recordings that the replay answers from. The execution log needs
	// them. Optional.
	Flows []*recordings.Flow

	// SMTP is HOST:PORT of a server to which emails are sent. Empty means that the
	// tenant keeps them, see [MailPath]. Optional.
	SMTP string

	// SMS is a URL to which text messages are posted through the transport To. Empty means
	// that no text messages are sent. Optional.
	SMS string
	To  http.RoundTripper

	// Say is called with a line about each message that could not be sent. Nil drops
	// it. Optional.
	Say func(string)
}

// Check returns an error if SMTP or SMS is not an address.
func (c *Config) Check() error {
	if host, port, err := net.SplitHostPort(c.SMTP); c.SMTP != "" && (err != nil || host == "" || port == "") {
		return fmt.Errorf("the SMTP server is %q, want HOST:PORT such as 127.0.0.1:1025", c.SMTP)
	}
	u, err := url.Parse(c.SMS)
	if c.SMS != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("the address of text messages is %q, want a URL such as http://127.0.0.1:8026/", c.SMS)
	}
	return nil
}

// A Tenant is the tenant of a replay. The zero value is ready for [Tenant.Observe]; it
// has no environment before [Tenant.Open].
type Tenant struct {
	mu      sync.Mutex
	config  Config
	fake    *fake.Tenant
	pending map[string]map[string]any // the user.… values that journeys posted, by email
	order   []string                  // the emails, the oldest first
	box     box
	history history
}

// Open creates the environment. The handler that it returns answers requests to the
// environment and passes all others to replay. The Observe of the server must be
// [Tenant.Observe].
func (t *Tenant) Open(c Config, server *mockserver.Server, replay http.Handler) http.Handler {
	known := false // while the users that the server already has are added
	c.Tenant.Added = func(attributes map[string]string) func() {
		if !known {
			return func() {}
		}
		return server.AddUser(attributes)
	}
	api := fake.New(c.Tenant)
	for _, name := range slices.Sorted(maps.Keys(c.Users)) {
		u := c.Users[name]
		if u["username"] != "" {
			api.Add(u["username"], u["email"], u["password"], map[string]any{
				"name":          map[string]any{"given": u["givenName"], "family": u["familyName"]},
				"passwordState": u["passwordState"],
			})
		}
	}
	known = true
	t.mu.Lock()
	t.config, t.fake, t.pending = c, api, map[string]map[string]any{}
	t.history = history{flows: map[string]*recordings.Flow{}, open: map[string]*course{}}
	for _, f := range c.Flows {
		t.history.flows[f.Name] = f
	}
	t.mu.Unlock()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1/") || fake.IsToken(r):
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, MailPath+"/"):
			t.box.ServeHTTP(w, r)
		default:
			replay.ServeHTTP(w, r)
		}
	})
}

// Environment returns the environment, nil before [Tenant.Open].
func (t *Tenant) Environment() *fake.Tenant {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fake
}

// mostPending limits the registrations that have not been completed. The oldest is dropped
// first.
const mostPending = 1000

// Observe sends the messages of a flow: a code if the next request expects one, and a link if
// the screen waits until a person opens it. A person who completed a registration becomes a
// user. The nodes that ran are added to the execution log.
func (t *Tenant) Observe(s mockserver.Step) {
	for _, send := range t.messages(s) {
		send()
	}
}

// messages remembers registrations, and returns functions that send the messages of a
// step.
func (t *Tenant) messages(s mockserver.Step) (all []func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fake == nil {
		return nil
	}
	for _, i := range t.history.follow(&s, fake.FlowID(t.config.Tenant.Policies[s.Flow])) {
		t.fake.Log(i)
	}
	email, phone := s.Made["unique.email"], s.Made["unique.phone"]
	// A step's code may name a user; a person who is registering stays the same.
	if email == "" || s.Named && t.pending[email] == nil {
		email, phone = s.User["email"], s.User["phone"]
	} else {
		t.registers(s, email)
	}
	if s.Challenge && email != "" {
		link := t.config.Tenant.Base + MailPath + openedPath + t.box.link()
		all = append(all, func() {
			t.email(email, "Confirm that it is you", "Open this link: "+link,
				`<p>Confirm that it is you: <a href="`+html.EscapeString(link)+`">open this link</a>.</p>`)
		})
	}
	for _, key := range slices.Sorted(maps.Keys(s.Takes)) {
		code := s.User[s.Takes[key]]
		if !users.IsCode(s.Takes[key]) || code == "" {
			continue
		}
		text := fmt.Sprintf("Your code is %s. It is valid for 30 minutes.", code)
		switch {
		case chosen(s.Sent.FormData) == "SMS":
			all = append(all, func() { t.text(phone, text) })
		case email != "":
			all = append(all, func() { t.email(email, "Your code", text, "<p>"+html.EscapeString(text)+"</p>") })
		}
	}
	return all
}

// registers keeps the user.… values that a journey posts, and creates the user when the
// journey completes.
func (t *Tenant) registers(s mockserver.Step, email string) {
	properties := t.pending[email]
	if properties == nil {
		if t.order = append(t.order, email); len(t.order) > mostPending {
			delete(t.pending, t.order[0])
			t.order = slices.Delete(t.order, 0, 1)
		}
		properties = map[string]any{}
		t.pending[email] = properties
	}
	s.Sent.FormData.ForEach(func(key, value gjson.Result) bool {
		name, ok := strings.CutPrefix(key.Str, "user.")
		of, property, nested := strings.Cut(name, ".")
		switch {
		case !ok:
		case name == "password":
			properties[name] = value.Str
		case !nested:
			properties[name] = value.Value()
		default:
			object, _ := properties[of].(map[string]any)
			if object == nil {
				object = map[string]any{}
			}
			object[property], properties[of] = value.Value(), object
		}
		return true
	})
	if !s.Completed {
		return
	}
	delete(t.pending, email)
	t.order = slices.DeleteFunc(t.order, func(one string) bool { return one == email })
	password, _ := properties["password"].(string)
	delete(properties, "password")
	username, _ := properties["username"].(string)
	if username == "" {
		username = email
	}
	t.fake.Add(username, email, password, properties)
}

// chosen returns the type of the device that was chosen, "" if none was.
func chosen(formData gjson.Result) (kind string) {
	formData.ForEach(func(_, value gjson.Result) bool {
		kind = value.Get("type").Str
		return kind == ""
	})
	return kind
}
