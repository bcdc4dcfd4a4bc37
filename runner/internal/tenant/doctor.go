package tenant

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// RoleDaVinci is the role that a worker app needs to read DaVinci's flows, policies and
// logs.
const RoleDaVinci = "DaVinci Admin Read Only"

// roleEnvironment is the role that a worker app needs for all other checks.
const roleEnvironment = "Environment Admin Read Only"

// An examiner makes the checks of one target.
type examiner struct {
	target *target.Target
	live   *target.Live
	to     http.RoundTripper
	client *Client // nil if there is no worker app, or no token
	known  *secret.Redactor
	report *Report

	answers map[string]answer // of the management API, by path
	checked map[string]bool   // the flows in DaVinci, by id
}

type answer struct {
	body gjson.Result
	err  error
}

// newExaminer returns an examiner for a live target. It sends every request through the
// transport.
func newExaminer(t *target.Target, to http.RoundTripper) *examiner {
	e := &examiner{
		target: t, live: t.Live, to: to, known: &secret.Redactor{}, answers: map[string]answer{},
		checked: map[string]bool{},
		report:  &Report{Target: t.Name, Environment: strings.TrimSuffix(t.Live.Authorize, "/authorize")},
	}
	e.known.Add(t.Live.ClientSecret.Reveal())
	for _, v := range t.Secrets {
		e.known.Add(v.Reveal())
	}
	if t.Live.Worker != nil {
		e.client = NewClient(to, t.Live, e.known)
	}
	return e
}

// Examine checks the environment of a live target. All its requests are GETs, except
// for the token request and, if the target has par, the pushed authorization request. A
// check that could not be made has the verdict [Unseen].
func Examine(ctx context.Context, t *target.Target, to http.RoundTripper) *Report {
	return newExaminer(t, to).examine(ctx)
}

// A look adds checks to the report. A look at a flow gets the flow's name, any other
// gets "".
type look func(ctx context.Context, e *examiner, name string)

// With a worker app these checks are made, in this order: first of the environment, then of each
// flow of the target.
var (
	ofEnvironment = []look{checkServices, checkApp, checkScopes, checkSignOnPolicies, checkAssignments}
	ofFlow        = []look{checkFlowPolicy, checkDaVinciPolicy}
)

func (e *examiner) examine(ctx context.Context) *Report {
	checkDiscovery(ctx, e)
	if checkToken(ctx, e) {
		for _, look := range ofEnvironment {
			look(ctx, e, "")
		}
		for _, name := range e.flows() {
			for _, look := range ofFlow {
				look(ctx, e, name)
			}
		}
	}
	for _, name := range e.flows() {
		checkTrip(ctx, e, name)
	}
	e.redact()
	return e.report
}

// flows returns the names of the flows, or a single "" for the app's own policy.
func (e *examiner) flows() []string {
	if len(e.live.Flows) == 0 {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(e.live.Flows))
}

// called returns how a report calls a flow of the target.
func called(name string) string {
	if name == "" {
		return "the app's own flow"
	}
	return fmt.Sprintf("flow %q", name)
}

// redact removes secrets from all texts of the report.
func (e *examiner) redact() {
	for i := range e.report.Checks {
		c := &e.report.Checks[i]
		c.Found, c.Want, c.About = e.known.Redact(c.Found), e.known.Redact(c.Want), e.known.Redact(c.About)
	}
	for i := range e.report.Differences {
		d := &e.report.Differences[i]
		d.About, d.Here, d.There = e.known.Redact(d.About), e.known.Redact(d.Here), e.known.Redact(d.There)
	}
}

func (e *examiner) add(c Check) {
	if c.Verdict == Holds {
		c.Mend = ""
	}
	e.report.Checks = append(e.report.Checks, c)
}

// verdict returns Holds if ok, and otherwise the second argument.
func verdict(ok bool, otherwise Verdict) Verdict {
	if ok {
		return Holds
	}
	return otherwise
}

// unseen adds a check that could not be made because of an error.
func (e *examiner) unseen(c Check, role string, err error) {
	e.report.Blind = true
	c.Verdict, c.Found, c.Want = Unseen, "could not be checked: "+err.Error(), ""
	c.Mend = "try again; the other checks do not depend on it"
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		c.Mend = cmp.Or(refused.Mend(role), c.Mend)
	}
	e.add(c)
}

// get returns the answer of the management API to a GET. It requests each path once.
func (e *examiner) get(ctx context.Context, path string) (gjson.Result, error) {
	a, ok := e.answers[path]
	if !ok {
		a.body, a.err = e.client.Get(ctx, path)
		e.answers[path] = a
	}
	return a.body, a.err
}

// checkDiscovery checks the discovery document, which needs no token.
func checkDiscovery(ctx context.Context, e *examiner) {
	base := e.report.Environment
	const path = "/.well-known/openid-configuration"
	c := Check{
		ID: "discovery", About: "discovery", Request: "GET …/as" + path, Verdict: Fails,
		Want: "a discovery document with the issuer " + base,
		Mend: "check region (or baseUrl) and environmentId of the target in flowtest.yaml",
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, http.NoBody)
	if err != nil {
		e.unseen(c, "", errors.New("the address is not a URL"))
		return
	}
	resp, err := e.to.RoundTrip(req)
	if err != nil {
		e.unseen(c, "", withoutURL(req, err))
		return
	}
	defer func() { _ = resp.Body.Close() }() // the body was read as far as needed
	text, err := io.ReadAll(io.LimitReader(resp.Body, flow.MaxResponse))
	issuer := ""
	if json.Valid(text) {
		issuer = gjson.GetBytes(text, "issuer").Str
	}
	switch {
	case err != nil:
		e.unseen(c, "", withoutURL(req, err))
		return
	case resp.StatusCode >= http.StatusInternalServerError, resp.StatusCode == http.StatusTooManyRequests:
		e.unseen(c, "", fmt.Errorf("it was answered with %d", resp.StatusCode))
		return
	case resp.StatusCode != http.StatusOK:
		c.Found = fmt.Sprintf("it was answered with %d", resp.StatusCode)
	case issuer == "":
		c.Found = "the answer is not a JSON object with an issuer"
	case issuer != base:
		c.Found = "the issuer is " + issuer
		c.Verdict = verdict(e.live.Region() == "" && strings.HasSuffix(issuer, "/as"), Fails)
		if c.Verdict == Holds {
			c.Verdict = Warning // a custom domain
		}
	default:
		c.Found, c.Verdict = "the issuer is "+issuer, Holds
	}
	e.add(c)
}

// checkToken requests a token and reports whether it got one.
func checkToken(ctx context.Context, e *examiner) bool {
	c := Check{ID: "token", About: "worker app", Request: "POST …/as/token"}
	if e.client == nil {
		c.Verdict, c.Found = Unseen, "the target has no worker app, so the environment, the app, its scopes and "+
			"policies and the flows were not checked"
		c.Mend = fmt.Sprintf("add worker with clientId and clientSecret to the target; "+
			"the app needs the roles %q and %q",
			roleEnvironment, RoleDaVinci)
		e.add(c)
		return false
	}
	_, err := e.client.bearer(ctx)
	refused, ok := errors.AsType[*RefusedError](err)
	switch {
	case ok && refused.Status < http.StatusInternalServerError && refused.Status != http.StatusTooManyRequests:
		c.Verdict, c.Found, c.Want = Fails, refused.Error(), "a token for the client credentials"
		c.Mend = "check worker.clientId, clientSecret and environmentId; " +
			"the app has to be enabled and of the type Worker"
		e.add(c)
	case err != nil:
		e.unseen(c, roleEnvironment, err)
	default:
		c.Verdict, c.Found = Holds, "it has a token"
		e.add(c)
	}
	return err == nil
}

// checkServices checks that the environment has DaVinci.
func checkServices(ctx context.Context, e *examiner, _ string) {
	const path = "/billOfMaterials"
	c := Check{
		ID: "davinci", About: "services", Request: "GET " + path, Want: "PING_ONE_DAVINCI among them",
		Mend: "add DaVinci to the environment: Environments > the environment > Services",
	}
	body, err := e.get(ctx, path)
	if err != nil {
		e.unseen(c, roleEnvironment, err)
		return
	}
	types := textsOf(body.Get("products.#.type"))
	c.Found = "the services are " + listed(types)
	c.Verdict = verdict(slices.Contains(types, "PING_ONE_DAVINCI"), Fails)
	e.add(c)
}

// checkTrip starts the flow as a scenario would, and checks its first answer.
func checkTrip(ctx context.Context, e *examiner, name string) {
	c := Check{
		ID: "trip", About: called(name), Request: "GET …/as/authorize", Verdict: Fails,
		Want: "a first answer with a capability",
	}
	config := flow.Config{
		Transport: e.to, Authorize: e.live.Authorize, ClientID: e.live.ClientID, ClientSecret: e.live.ClientSecret,
		ClientAuth:  e.live.ClientAuth,
		RedirectURI: e.live.RedirectURI, Scopes: e.live.Scopes, Policy: e.live.Flows[name], Platform: e.target.Platform,
		Redactor: e.known,
	}
	if e.target.PAR {
		config.Pushed = e.report.Environment + "/par"
	}
	j, err := flow.NewJourney(config)
	if err != nil {
		e.unseen(c, "", err)
		return
	}
	h, err := j.Start(ctx)
	switch {
	case err != nil:
		e.unseen(c, "", withoutPath(err))
		return
	case h.Failure != nil && (h.Failure.Origin == davinci.FromNetwork || h.Failure.Origin == davinci.FromRateLimit):
		e.unseen(c, "", errors.New(h.Failure.Code+": "+h.Failure.Message))
		return
	case h.Failure != nil:
		c.Found = fmt.Sprintf("it was answered with %d %s: %s", h.Status, h.Failure.Code, h.Failure.Message)
		c.Mend = advice(e, h.Failure.Code)
	case h.Status >= http.StatusBadRequest || h.Capability() == "":
		c.Found = fmt.Sprintf("it was answered with %d %s %s", h.Status, h.Code(), h.Message())
		c.Mend = advice(e, h.Code())
	default:
		c.Found, c.Verdict = "it starts with the capability "+h.Capability(), Holds
	}
	e.add(c)
}

// withoutPath returns the cause of a network error, which does not name the method and
// path again.
func withoutPath(err error) error {
	if network, ok := errors.AsType[*flow.NetworkError](err); ok {
		if u, ok := errors.AsType[*url.Error](network.Err); ok {
			return u.Err
		}
		return network.Err
	}
	return err
}

// advice suggests what to check after a refused start, by the code of the answer.
func advice(e *examiner, code string) string {
	text := map[string]string{
		"NOT_FOUND":        "the environment has no such app: check clientId and environmentId",
		"INVALID_REQUEST":  "check the flow policy id, redirectUri and scopes of the target",
		"UNEXPECTED_ERROR": "check the trigger of the flow policy: it has to be a PingOne flow policy",
		"ACCESS_FAILED":    "check what the app requires: PKCE, pushed or signed requests",
	}[code]
	if text == "" {
		text = "check the flow and its deployment"
	}
	if failed := e.report.Count(Fails); failed > 0 {
		text += "; the checks above that failed may be the cause"
	}
	return text
}

// textsOf returns the strings of an array.
func textsOf(list gjson.Result) (texts []string) {
	for _, one := range list.Array() {
		texts = append(texts, one.String())
	}
	return texts
}

// listed joins names; without any it returns "none".
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
