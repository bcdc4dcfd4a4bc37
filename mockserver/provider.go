package mockserver

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// providers are the links of a screen to identity providers and back.
type providers struct {
	resume *regexp.Regexp // the path of _links.continue.href, nil if the screen has none
	leads  []lead
}

// A lead is a field that leads to an identity provider.
type lead struct {
	provider string // its type, such as GOOGLE
	path     *regexp.Regexp
	query    url.Values // as recorded, with variables in it
}

// meant reports whether a request goes to the provider.
func (l *lead) meant(path string, query url.Values) bool {
	for name, want := range l.query {
		if !recordings.Variable.MatchString(want[0]) && query.Get(name) != want[0] {
			return false
		}
	}
	return l.path.MatchString(path)
}

// newProviders reads the links of a screen, whose interaction is not known yet.
func newProviders(body gjson.Result) *providers {
	p := &providers{resume: pathOf(body, body.Get("_links.continue.href").Str)}
	body.Get("form.components.fields").ForEach(func(_, field gjson.Result) bool {
		href := field.Get("links.authenticate.href").Str
		if at := pathOf(body, href); at != nil {
			_, query, _ := strings.Cut(href, "?")
			asks, _ := url.ParseQuery(query) // what can be read of it
			p.leads = append(p.leads, lead{field.Get("idpType").Str, at, asks})
		}
		return true
	})
	return p
}

// pathOf returns what the path of a recorded link looks like below the environment. A variable in
// it may be any step. It is nil if there is no link.
func pathOf(body gjson.Result, href string) *regexp.Regexp {
	href, _, _ = strings.Cut(ownLinks(body).Replace(href), "?")
	href = strings.TrimPrefix(strings.TrimPrefix(href, "{{authPath}}"), "/{{envID}}")
	if !strings.HasPrefix(href, "/") {
		return nil
	}
	var like strings.Builder
	at := 0
	for _, m := range recordings.Variable.FindAllStringIndex(href, -1) {
		like.WriteString(regexp.QuoteMeta(href[at:m[0]]) + "[^/]+")
		at = m[1]
	}
	return regexp.MustCompile("^" + like.String() + regexp.QuoteMeta(href[at:]) + "$")
}

// A handed token is a continue token that the replay handed out: to which sign-on it
// belongs, and what it is in the recording.
type handed struct {
	in    *interaction
	means string
}

// belongsTo finds the sign-on of a request that names it in its query, in a header or
// in a cookie.
func (c *call) belongsTo() *interaction {
	for _, values := range c.r.URL.Query() {
		for _, value := range values {
			if in, ok := c.s.open.Get(value); ok {
				return in
			}
		}
	}
	in, _ := c.s.open.Get(wire.Handle(c.r, wire.IDHeader, wire.IDCookie))
	return in
}

// below returns the path below the environment. Links to identity providers have
// prefixes of their own.
func (c *call) below(path string) string {
	if path == "" {
		return c.r.URL.Path
	}
	return path
}

// resumes answers a client that comes back from an identity provider, and reports false if the
// request is another one.
//
// Source: the resume request of the SDKs: a POST to _links.continue.href with the
// continue token as the bearer and an empty object; Android sends no body.
func resumes(c *call, path string) bool {
	token := davinci.BearerToken(c.r.Header)
	if c.r.Method != http.MethodPost || token == "" || c.r.ContentLength > int64(len("{}")) {
		return false
	}
	was, ok := c.s.handed.Get(token)
	in := was.in
	if ok {
		token = was.means
	} else if in = c.belongsTo(); in == nil {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	to := in.at.providers().resume
	if to == nil || !to.MatchString(c.below(path)) {
		return false
	}
	c.comeBack(in, &davinci.Sent{Query: url.Values{}, ContinueToken: token}, ok)
	return true
}

// comeBack answers a client that brings a token, for a sign-on that is locked. Known says
// that the replay handed out the token.
func (c *call) comeBack(in *interaction, sent *davinci.Sent, known bool) {
	sent.ReadHeader(c.r.Header)
	held := wire.Handle(c.r, wire.TokenHeader, wire.TokenCookie)
	if in.ended || !known && held != "" && held != in.token {
		stale(c, in, held, sent)
		return
	}
	if chosen, user := in.choose(in.at.byAction[""], sent); chosen != nil {
		move(c, in, chosen, user, sent)
	} else {
		unmatched(c, in, sent)
	}
}

// resumesNatively answers a mobile app that posts the token of a provider to where
// [authenticates] sent it. It reports false if the request is another one.
func resumesNatively(c *call, path string) bool {
	return followsLead(c, http.MethodPost, path, postsToken)
}

// followsLead lets a request be answered that follows the link of a provider on the screen of
// its interaction, which is locked meanwhile. It reports false for every other request.
func followsLead(c *call, method, path string, answer func(*call, *interaction, *lead)) bool {
	if c.r.Method != method {
		return false
	}
	in := c.belongsTo()
	if in == nil {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	from := in.leadOf(c, path)
	if from != nil {
		answer(c, in, from)
	}
	return from != nil
}

// postsToken answers the post of a provider's own token.
func postsToken(c *call, in *interaction, _ *lead) {
	body, ok := c.body()
	if !ok {
		return
	}
	property, token := davinci.NativeToken([]byte(body))
	if token == "" {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The request has neither an idToken nor an accessToken.")
		return
	}
	c.comeBack(in, &davinci.Sent{Query: url.Values{}, ContinueToken: token, Native: property}, false)
}

// leadOf returns the field of the screen whose link a request follows, or nil.
func (in *interaction) leadOf(c *call, path string) *lead {
	leads := in.at.providers().leads
	i := slices.IndexFunc(leads, func(l lead) bool { return l.meant(c.below(path), c.r.URL.Query()) })
	if i < 0 || in.ended {
		return nil
	}
	return &leads[i]
}

// native answers a mobile app that asks where to post the token of a provider's own SDK.
//
// Source: the external identity providers of the Android SDK.
func (c *call) native() {
	next := *c.r.URL
	next.Scheme, next.Host = "", ""
	base := strings.TrimSuffix(c.base(), "/"+c.env)
	c.json(http.StatusOK, map[string]any{
		"idp":    map[string]any{"clientId": "flowtest", "nonce": wire.UUID(), "scopes": []string{"openid", "email"}},
		"_links": map[string]any{"next": map[string]any{"href": base + next.String()}},
	})
}

// authenticates answers for an identity provider: it sends the browser back to the application at
// once, with a continue token, and tells a mobile app where to post its own. It reports false if
// the request is for something else.
func authenticates(c *call, path string) bool {
	return followsLead(c, http.MethodGet, path, sendsBack)
}

// sendsBack answers in place of the identity provider.
func sendsBack(c *call, in *interaction, from *lead) {
	if accept := c.r.Header.Get("Accept"); strings.Contains(accept, "json") && !strings.Contains(accept, "html") {
		c.native()
		return
	}
	back, err := url.Parse(in.asked.Redirect())
	if err != nil || back.Host == "" && back.Opaque == "" && back.Path == "" {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST",
			"The authorize request had no redirect_uri, to which an identity provider could send the browser back.")
		return
	}
	token := wire.UUID()
	c.s.handed.Put(token, handed{in, in.continueToken(from.provider, token)})
	query := back.Query()
	query.Set("continueToken", token)
	back.RawQuery = query.Encode()
	c.w.Header().Set("Location", back.String())
	c.answered(http.StatusFound, nil)
}

// continueToken returns the token with which the recording comes back from a provider:
// of several the one of the attribute that is named after it. Fresh is what stands for
// any token.
func (in *interaction) continueToken(provider, fresh string) string {
	means := ""
	for _, c := range in.at.alternatives {
		name, wrong := recordings.Attribute(c.request.ContinueToken)
		if name == "" || wrong || c.request.Native != "" {
			continue
		}
		value, ok := in.attribute(name)
		named := strings.Contains(strings.ToLower(name), strings.ToLower(provider))
		if ok && (means == "" || named) {
			means = value
		}
		if ok && named {
			break
		}
	}
	if means == "" {
		return fresh
	}
	return means
}
