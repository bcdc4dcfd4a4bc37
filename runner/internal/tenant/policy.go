package tenant

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// assigned returns the ids of the flow policies of an app, in the order in which they
// apply.
func (c *Client) assigned(ctx context.Context, app string) (path string, ids []string, err error) {
	path = "/applications/" + url.PathEscape(app) + "/flowPolicyAssignments"
	list, err := c.Items(ctx, path, "flowPolicyAssignments")
	slices.SortStableFunc(list, func(a, b gjson.Result) int {
		return int(a.Get("priority").Int() - b.Get("priority").Int())
	})
	for _, one := range list {
		ids = append(ids, one.Get("flowPolicy.id").String())
	}
	return path, ids, err
}

// checkSignOnPolicies checks that no sign-on policy of PingOne answers before the flow.
func checkSignOnPolicies(ctx context.Context, e *examiner, _ string) {
	path := "/applications/" + url.PathEscape(e.live.ClientID) + "/signOnPolicyAssignments"
	c := Check{
		ID: "signOnPolicies", About: "sign-on policies", Request: "GET " + path, Want: "none",
		Mend: "Applications > the app > Policies: remove the PingOne policies, and assign the DaVinci policy",
	}
	list, err := e.client.Items(ctx, path, "signOnPolicyAssignments")
	switch {
	case Missing(err): // another check reports that the app does not exist
	case err != nil:
		e.unseen(c, roleEnvironment, err)
	default:
		c.Found = fmt.Sprintf("%d assigned to the app", len(list))
		c.Verdict = verdict(len(list) == 0, Fails)
		e.add(c)
	}
}

// checkAssignments checks which flow policies answer for the app.
func checkAssignments(ctx context.Context, e *examiner, _ string) {
	request, ids, err := e.client.assigned(ctx, e.live.ClientID)
	if Missing(err) {
		return // another check reports that the app does not exist
	}
	for _, name := range e.flows() {
		want := e.live.Flows[name]
		c := Check{
			ID: "assignment", About: called(name), Request: "GET " + request, Verdict: Holds,
			Found: "the flow policies of the app are " + listed(ids), Want: want + " among them",
			Mend: "Applications > the app > Policies > DaVinci Policies: assign it, " +
				"or correct its id below flows of the target",
		}
		switch {
		case err != nil:
			e.unseen(c, roleEnvironment, err)
			continue
		case len(ids) == 0:
			c.Verdict, c.Found = Fails, "the app has no flow policy: PingOne's own sign-on answers"
			if want == "" {
				c.Want = "one"
			}
		case want != "" && !slices.Contains(ids, want):
			c.Verdict = Fails
		case want == "":
			c.Found, c.Want = "the flow policy that answers first is "+ids[0], ""
		}
		e.add(c)
	}
}

// policyID returns the id of the flow policy of a flow, "" if none is assigned.
func (e *examiner) policyID(ctx context.Context, name string) string {
	if id := e.live.Flows[name]; id != "" {
		return id
	}
	if _, ids, err := e.client.assigned(ctx, e.live.ClientID); err == nil && len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// checkFlowPolicy checks a flow's policy in PingOne.
func checkFlowPolicy(ctx context.Context, e *examiner, name string) {
	id := e.policyID(ctx, name)
	if id == "" {
		return // another check reports that none is assigned
	}
	path := "/flowPolicies/" + url.PathEscape(id)
	c := Check{ID: "flowPolicy", About: called(name), Request: "GET " + path}
	seen, err := e.get(ctx, path)
	switch {
	case Missing(err):
		c.Verdict, c.Found, c.Want = Fails, "PingOne has no flow policy "+id, "one"
		c.Mend = "DaVinci > Applications > the application > Flow Policies: make it a PingOne flow policy, " +
			"or correct its id below flows of the target"
		e.add(c)
	case err != nil:
		e.unseen(c, roleEnvironment, err)
	default:
		c.state(seen.Get("enabled").Bool(), seen.Get("trigger.type").String())
		if seen.Get("application.id").String() == "" {
			c.Found, c.Verdict = c.Found+", of no DaVinci application", Fails
		}
		e.add(c)
	}
}

// state checks that a policy is enabled and triggered by an authentication.
func (c *Check) state(enabled bool, trigger string) {
	on := map[bool]string{true: "enabled", false: "disabled"}[enabled]
	c.Found, c.Want = on+", with the trigger "+orNone(trigger), "enabled, with the trigger AUTHENTICATION"
	c.Mend = "DaVinci: enable it, and make it a PingOne flow policy"
	c.Verdict = verdict(enabled && trigger == "AUTHENTICATION", Fails)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// checkDaVinciPolicy checks a flow's policy in DaVinci, and the flows that it runs.
func checkDaVinciPolicy(ctx context.Context, e *examiner, name string) {
	id := e.policyID(ctx, name)
	if id == "" {
		return // another check reports that none is assigned
	}
	c := Check{ID: "davinciPolicy", About: called(name), Request: "GET /davinciApplications"}
	seen, _ := e.get(ctx, "/flowPolicies/"+url.PathEscape(id)) // checkFlowPolicy reports its error
	path, policy, err := e.client.find(ctx, id, seen.Get("application.id").String(), e.get)
	switch {
	case Missing(err):
		c.Verdict, c.Found, c.Want = Fails, "no DaVinci application has the flow policy "+id, "one"
		c.Mend = "DaVinci > Applications: look for the flow policy, and correct its id below flows of the target"
		e.add(c)
		return
	case err != nil:
		e.unseen(c, RoleDaVinci, err)
		return
	}
	c.Request, c.About = "GET "+path, fmt.Sprintf("%s, policy %q", c.About, policy.Get("name").String())
	c.state(policy.Get("status").String() == "enabled", policy.Get("trigger.type").String())
	e.add(c)
	checkDistribution(ctx, e, c, policy.Get("flowDistributions").Array())
}

// find looks for a flow policy in the given DaVinci application, then in the others. It
// reads them with get.
func (c *Client) find(ctx context.Context, id, application string,
	get func(context.Context, string) (gjson.Result, error),
) (string, gjson.Result, error) {
	within := func(app string) string {
		return "/davinciApplications/" + url.PathEscape(app) + "/flowPolicies/" + url.PathEscape(id)
	}
	if application != "" {
		path := within(application)
		if policy, err := get(ctx, path); !Missing(err) {
			return path, policy, err
		}
	}
	list, err := c.Items(ctx, "/davinciApplications", "davinciApplications")
	if err != nil {
		return "", gjson.Result{}, err
	}
	for _, one := range list {
		path := within(one.Get("id").String())
		if policy, err := get(ctx, path); !Missing(err) {
			return path, policy, err
		}
	}
	return "", gjson.Result{}, &RefusedError{Method: "GET", Path: "/davinciApplications", Status: 404}
}

// Runs returns the ids of the flows that a flow policy runs. An empty policy means the one
// that answers first for the app.
func (c *Client) Runs(ctx context.Context, app, policy string) (flows []string, err error) {
	if policy == "" {
		_, ids, err := c.assigned(ctx, app)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		policy = ids[0]
	}
	_, body, err := c.find(ctx, policy, "", c.Get)
	for _, one := range body.Get("flowDistributions").Array() {
		if id := one.Get("id").String(); !slices.Contains(flows, id) {
			flows = append(flows, id)
		}
	}
	return flows, err
}

// checkDistribution checks which flows a policy runs, in which versions, and then each
// flow.
func checkDistribution(ctx context.Context, e *examiner, c Check, list []gjson.Result) {
	c.ID, c.Verdict = "distribution", Holds
	c.Want = "at least one flow, and weights that add up to 100"
	c.Mend = "DaVinci > Applications > the application > Flow Policies: choose flow, version and weight"
	weights, ids := 0.0, []string(nil)
	var runs, pinned []string
	for _, one := range list {
		id := one.Get("id").String()
		weight := one.Get("weight")
		if !weight.Exists() && len(list) == 1 {
			weights += 100
		}
		weights += weight.Float()
		what := "the latest deployed version"
		body, err := e.flow(ctx, id)
		called := fmt.Sprintf("%q", body.Get("name").String())
		if err != nil {
			called = id
		}
		if n := one.Get("version").Int(); n >= 0 {
			what = fmt.Sprintf("version %d", n)
			if now := body.Get("publishedVersion"); err == nil && now.Int() != n {
				pinned = append(pinned, fmt.Sprintf("%s, but version %d is deployed", what, now.Int()))
			}
		}
		runs = append(runs, what+" of "+called)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	c.Found = "it runs " + listed(runs)
	switch {
	case len(list) == 0 || weights < 99.99 || weights > 100.01:
		c.Verdict = Fails
		c.Found += fmt.Sprintf(", the weights add up to %g", weights)
	case len(pinned) > 0:
		c.Verdict, c.Found, c.Want = Warning, "it runs "+strings.Join(pinned, ", "),
			"the latest deployed version, or this one"
	}
	e.add(c)
	for _, id := range ids {
		checkFlow(ctx, e, id)
	}
}

// flowPath requests only the properties that are checked: the graph of a flow can take
// megabytes.
func flowPath(id string) string {
	return "/flows/" + url.PathEscape(id) + "?attributes=" + url.QueryEscape("id,name,enabled,trigger,currentVersion,"+
		"publishedVersion,deployedAt,settings,dvlinterErrorCount,dvlinterWarningCount")
}

func (e *examiner) flow(ctx context.Context, id string) (gjson.Result, error) {
	return e.get(ctx, flowPath(id))
}

// checkFlow checks that a flow is deployed in the version last saved, has no errors and
// writes a log.
func checkFlow(ctx context.Context, e *examiner, id string) {
	if e.checked[id] {
		return // another flow of the target runs it too
	}
	e.checked[id] = true
	c := Check{ID: "flow", About: "flow " + id, Request: "GET /flows/" + id}
	body, err := e.flow(ctx, id)
	if Missing(err) {
		c.Verdict, c.Found, c.Want = Fails, "there is no such flow", "the one that the policy runs"
		c.Mend = "DaVinci > Applications > the application > Flow Policies: choose another flow"
		e.add(c)
		return
	}
	if err != nil {
		e.unseen(c, RoleDaVinci, err)
		return
	}
	name := body.Get("name").String()
	c.About = fmt.Sprintf("flow %q in DaVinci", name)
	c.state(body.Get("enabled").Bool(), body.Get("trigger.type").String())
	e.add(c)
	checkVersion(e, c, body)
	checkLint(ctx, e, c, id, body)
	c.ID, c.Verdict = "logLevel", Holds
	level := body.Get("settings.logLevel")
	c.Found, c.Want = "settings.logLevel is "+orNone(level.String()), "2 or more: the execution log is empty below"
	c.Verdict = verdict(level.Int() >= 2, Warning)
	c.Mend = "DaVinci > the flow > Flow Settings > Logging: Info"
	e.add(c)
}

// checkVersion checks that the flow is deployed in the version last saved.
func checkVersion(e *examiner, c Check, body gjson.Result) {
	c.ID, c.Mend = "deployment", "DaVinci > the flow: Deploy"
	current, published := body.Get("currentVersion"), body.Get("publishedVersion")
	switch {
	case !published.Exists() || body.Get("deployedAt").String() == "":
		c.Verdict, c.Found, c.Want = Fails, "it is not deployed", "a deployed version"
	case current.Int() > published.Int():
		c.Verdict, c.Want = Warning, "the saved version deployed"
		c.Found = fmt.Sprintf("version %d is deployed, but the saved version is %d", published.Int(), current.Int())
	default:
		c.Verdict = Holds
		c.Found = fmt.Sprintf("version %d has been deployed since %s", published.Int(), body.Get("deployedAt").String())
	}
	e.add(c)
}

// checkLint reports the errors that DaVinci finds in the flow.
func checkLint(ctx context.Context, e *examiner, c Check, id string, body gjson.Result) {
	n := body.Get("dvlinterErrorCount").Int()
	c.ID, c.Want, c.Mend = "lint", "no error", "DaVinci > the flow: fix the nodes that are marked"
	c.Found = fmt.Sprintf("DaVinci finds %d errors and %d warnings in it", n, body.Get("dvlinterWarningCount").Int())
	c.Verdict = verdict(n == 0, Fails)
	if n > 0 {
		const shown = 5
		whole, err := e.get(ctx, "/flows/"+url.PathEscape(id))
		for i, one := range whole.Get("graphData.allLinterErrors").Array() {
			if err == nil && i < shown {
				c.Found += fmt.Sprintf(", %s at node %s", one.Get("code").String(), one.Get("nodeId").String())
			}
		}
	}
	e.add(c)
}
