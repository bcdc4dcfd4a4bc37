package tenant

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// checkApp checks the properties of the OIDC app.
func checkApp(ctx context.Context, e *examiner, _ string) {
	path := "/applications/" + url.PathEscape(e.live.ClientID)
	c := Check{ID: "app", About: "app", Request: "GET " + path, Want: "an app with the target's clientId"}
	app, err := e.get(ctx, path)
	if Missing(err) {
		c.Verdict, c.Found = Fails, "the environment has no app with the id "+e.live.ClientID
		c.Mend = "check clientId and environmentId of the target"
		e.add(c)
		return
	}
	if err != nil {
		e.unseen(c, roleEnvironment, err)
		return
	}
	c.About = fmt.Sprintf("app %q", app.Get("name").String())
	for _, p := range properties(e, app) {
		one := c
		one.ID, one.Want, one.Mend, one.Verdict = "app."+p.name, p.want, "Applications > the app > "+p.mend, p.verdict
		one.Found = p.name + " is " + p.found
		e.add(one)
	}
}

// A property is a setting of the app: what was found and what is wanted.
type property struct {
	name, found, want string
	mend              string // where to change it in the pages of the app
	verdict           Verdict
}

// properties checks the settings of the app that the journeys of the target depend on.
func properties(e *examiner, app gjson.Result) []property {
	text := func(name string) string {
		if v := app.Get(name); v.Exists() {
			return v.String()
		}
		return "not set"
	}
	one := func(name, want, mend string, ok bool) property {
		return property{name, text(name), want, mend, verdict(ok, Fails)}
	}
	among := func(name, want, mend string) property {
		have := textsOf(app.Get(name))
		return property{name, listed(have), want + " among them", mend, verdict(slices.Contains(have, want), Fails)}
	}
	list := []property{
		one("protocol", "OPENID_CONNECT", "create an OIDC app and use its clientId",
			text("protocol") == "OPENID_CONNECT"),
		one("enabled", "true", "turn the toggle on", app.Get("enabled").Bool()),
		among("grantTypes", "AUTHORIZATION_CODE", "Configuration > Grant Type: Authorization Code"),
		among("responseTypes", "CODE", "Configuration > Response Type: Code"),
		redirects(e, app),
		one("pkceEnforcement", "a value that allows S256",
			"Configuration > PKCE Enforcement: S256_REQUIRED or OPTIONAL",
			slices.Contains([]string{"OPTIONAL", "REQUIRED", "S256_REQUIRED", "not set"}, text("pkceEnforcement"))),
		authMethod(e, text("tokenEndpointAuthMethod")),
		one("parRequirement", "OPTIONAL, or par: true in the target",
			"Configuration > Require Pushed Authorization Request, or set par: true",
			text("parRequirement") != "REQUIRED" || e.target.PAR),
		one("requireSignedRequestObject", "false", "Configuration > Require Signed Request Object: off",
			!app.Get("requireSignedRequestObject").Bool()),
	}
	if cors, checked := origins(e, app); checked {
		list = append(list, cors)
	}
	return list
}

// redirects checks that the redirect URIs of the app include that of the target.
func redirects(e *examiner, app gjson.Result) property {
	have, own := textsOf(app.Get("redirectUris")), e.live.RedirectURI
	p := property{
		name: "redirectUris", found: listed(have), want: own + " among them", verdict: Fails,
		mend: "Configuration > Redirect URIs: add it, or change redirectUri of the target",
	}
	wild := app.Get("allowWildcardInRedirectUris").Bool()
	switch {
	case own == "":
		p.want, p.verdict = "exactly one, or redirectUri in the target", verdict(len(have) == 1, Warning)
	case slices.ContainsFunc(have, func(uri string) bool { return uri == own || wild && fits(uri, own) }):
		p.verdict = Holds
	}
	return p
}

// fits reports whether a URI matches a pattern in which * matches any part of a host or
// a path.
func fits(pattern, uri string) bool {
	ok, _ := regexp.MatchString("^"+strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `[^/]*`)+"$", uri)
	return ok
}

// authMethod checks that the app's way to authenticate fits the target's clientSecret
// and clientAuth.
func authMethod(e *examiner, method string) property {
	p := property{
		name: "tokenEndpointAuthMethod", found: method, verdict: Warning,
		want: "NONE, as the target has no clientSecret: no code can be exchanged for tokens",
		mend: "Configuration > Token Endpoint Authentication Method, or change clientSecret and " +
			"clientAuth of the target",
	}
	need := "NONE"
	if e.live.ClientSecret.Reveal() != "" {
		need = map[string]string{"none": "NONE", "post": "CLIENT_SECRET_POST"}[e.live.ClientAuth]
		need = cmp.Or(need, "CLIENT_SECRET_BASIC")
		p.want, p.verdict = need+", as clientSecret and clientAuth of the target say", Fails
	}
	if method == need {
		p.verdict = Holds
	}
	return p
}

// origins checks whether a browser could send the requests that flowtest sends. It
// checks nothing if the target is a phone app.
func origins(e *examiner, app gjson.Result) (p property, checked bool) {
	u, err := url.Parse(e.live.RedirectURI)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || e.target.Platform != "" &&
		e.target.Platform != "javascript" {
		return p, false
	}
	origin := u.Scheme + "://" + u.Host
	have := textsOf(app.Get("corsSettings.origins"))
	behavior := app.Get("corsSettings.behavior").String()
	ok := behavior == "ALLOW_SPECIFIC_ORIGINS" &&
		slices.ContainsFunc(have, func(pattern string) bool { return pattern == origin || fits(pattern, origin) })
	found := "not set"
	if behavior != "" {
		found = strings.TrimSuffix(behavior+" "+strings.Join(have, ", "), " ")
	}
	return property{
		name: "corsSettings", found: found, verdict: verdict(ok, Warning),
		want: "ALLOW_SPECIFIC_ORIGINS with " + origin + ": without it browser clients fail although flowtest passes",
		mend: "Configuration > CORS Settings: allow specific origins",
	}, true
}

// checkScopes checks that the app is granted the scopes of the target. Every app has openid.
func checkScopes(ctx context.Context, e *examiner, _ string) {
	path := "/applications/" + url.PathEscape(e.live.ClientID) + "/grants"
	c := Check{
		ID: "scopes", About: "scopes", Request: "GET " + path, Want: strings.Join(e.live.Scopes, ", ") + " granted",
		Mend: "Applications > the app > Resources: add the missing scopes, or remove them from scopes of the target",
	}
	granted := []string{"openid"}
	grants, err := e.client.Items(ctx, path, "grants")
	if Missing(err) {
		return // another check reports that the app does not exist
	}
	for _, grant := range grants {
		resource := "/resources/" + url.PathEscape(grant.Get("resource.id").String()) + "/scopes"
		ids := textsOf(grant.Get("scopes.#.id"))
		var scopes []gjson.Result
		if scopes, err = e.client.Items(ctx, resource, "scopes"); err != nil {
			break
		}
		for _, s := range scopes {
			if slices.Contains(ids, s.Get("id").String()) {
				granted = append(granted, s.Get("name").String())
			}
		}
	}
	if err != nil {
		e.unseen(c, roleEnvironment, err)
		return
	}
	slices.Sort(granted)
	granted = slices.Compact(granted)
	c.Found = "the granted scopes are " + listed(granted)
	c.Verdict = verdict(!slices.ContainsFunc(e.live.Scopes,
		func(s string) bool { return !slices.Contains(granted, s) }), Fails)
	e.add(c)
}
