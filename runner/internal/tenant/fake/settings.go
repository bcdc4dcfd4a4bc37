package fake

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// made is when everything was created and deployed.
const made = "2026-01-15T09:30:00.000Z"

// FlowID returns the id of the flow that a policy runs.
func FlowID(policy string) string {
	sum := sha256.Sum256([]byte(policy))
	return hex.EncodeToString(sum[:16])
}

// settings are the objects of an environment other than its users.
type settings struct {
	*api

	answers map[string]any // by path below the environment; a []any is a list in pages
}

// newSettings returns the settings of an environment that is set up correctly.
func newSettings(a *api) *settings {
	s := &settings{a, map[string]any{}}
	s.fill()
	return s
}

// answer answers a GET.
func (s *settings) answer(path string, query url.Values) answer {
	if parts := strings.Split(path, "/"); len(parts) > 2 && parts[1] == "applications" {
		if s.ClientID == "" && s.answers[path] == nil {
			parts[2] = anyApp
			path = strings.Join(parts, "/")
		}
		if s.answers[strings.Join(parts[:3], "/")] == nil {
			return gone()
		}
	}
	switch body := s.answers[path].(type) {
	case nil:
		return gone()
	case []any:
		return s.page(path, body, query)
	default:
		return answer{status: http.StatusOK, body: chosen(body, query.Get("attributes"))}
	}
}

// chosen returns an answer with only the requested properties and those that every
// answer has.
func chosen(body any, attributes string) any {
	whole, ok := body.(map[string]any)
	if attributes == "" || !ok {
		return body
	}
	keep := append(strings.Split(attributes, ","), "_links", "environment", "id", "name")
	part := maps.Clone(whole)
	maps.DeleteFunc(part, func(name string, _ any) bool { return !slices.Contains(keep, name) })
	return part
}

// logLevel returns settings.logLevel of a flow, and whether the flow exists.
func (s *settings) logLevel(flow string) (level int, known bool) {
	body, known := s.answers["/flows/"+flow].(map[string]any)
	all, _ := body["settings"].(map[string]any)
	level, _ = all["logLevel"].(int)
	return level, known
}

// anyApp is the id under which an app with any id is kept.
const anyApp = "any"

// app returns the id of the app in paths.
func (s *settings) app() string { return cmp.Or(s.ClientID, anyApp) }

// appPath returns the path of the app below the environment.
func (s *settings) appPath() string { return "/applications/" + s.app() }

func (s *settings) fill() {
	environment := s.environment()
	s.answers["/billOfMaterials"] = map[string]any{
		"_links": map[string]any{"self": s.link("/billOfMaterials")},
		"products": []any{
			map[string]any{"id": "a1000000-0000-4000-8000-000000000b01", "type": "PING_ONE_BASE"},
			map[string]any{"id": "a1000000-0000-4000-8000-000000000b02", "type": "PING_ONE_DAVINCI"},
		},
	}
	s.fillApp(environment)
	s.answers["/davinciApplications"] = []any{map[string]any{
		"id": Application, "name": "flowtest", "environment": environment, "createdAt": made,
		"apiKey": map[string]any{"enabled": true, "value": "demo-api-key-of-an-application"},
		"oauth": map[string]any{ //nolint:gosec // it is made up
			"clientSecret": "demo-oauth-secret-of-an-application",
			"grantTypes":   []any{"authorizationCode"},
		},
		"_links": s.links("/davinciApplications/"+Application, "environment", "flowPolicies",
			"davinciApplication.rotateKey", "davinciApplication.rotateSecret"),
	}}
	assigned, flows := []any{}, []any{}
	for i, name := range slices.Sorted(maps.Keys(s.Policies)) {
		policy := s.Policies[name]
		s.fillFlow(environment, name, policy)
		flows = append(flows, s.answers["/flows/"+FlowID(policy)])
		assigned = append(assigned, map[string]any{
			"id": policy, "priority": i + 1, "flowPolicy": map[string]any{"id": policy}, "environment": environment,
			"application": map[string]any{"id": s.app()},
		})
	}
	s.answers[s.appPath()+"/flowPolicyAssignments"], s.answers["/flows"] = assigned, flows
	s.answers["/connectorInstances"] = []any{
		s.connector(environment, "Http", "httpConnector"), s.connector(environment, "PingOne", "pingOneSSOConnector"),
	}
	s.answers["/variables"] = []any{
		s.variable(environment, "companyName", "company", "demo-value-of-a-variable"),
		s.variable(environment, "attempts", "flowInstance", "0"),
	}
}

func (s *settings) fillApp(environment map[string]any) {
	path := s.appPath()
	origin := ""
	if u, err := url.Parse(s.RedirectURI); err == nil {
		origin = u.Scheme + "://" + u.Host
	}
	s.answers[path] = map[string]any{
		"id": s.app(), "name": "flowtest", "enabled": true, "type": "SINGLE_PAGE_APP", "protocol": "OPENID_CONNECT",
		"environment": environment, "createdAt": made, "updatedAt": made,
		"grantTypes": []any{"AUTHORIZATION_CODE"}, "responseTypes": []any{"CODE"},
		"redirectUris": []any{s.RedirectURI}, "allowWildcardInRedirectUris": false,
		"pkceEnforcement": "S256_REQUIRED", "tokenEndpointAuthMethod": "NONE", "parRequirement": "OPTIONAL",
		"requireSignedRequestObject": false,
		"corsSettings":               map[string]any{"behavior": "ALLOW_SPECIFIC_ORIGINS", "origins": []any{origin}},
		"_links":                     map[string]any{"self": s.link(path)},
	}
	var ids, scopes []any
	for i, name := range []string{"openid", "profile", "email", "address", "phone"} {
		id := "a1000000-0000-4000-8000-00000000005" + string(rune('0'+i))
		ids = append(ids, map[string]any{"id": id})
		scopes = append(scopes, map[string]any{
			"id": id, "name": name, "environment": environment, "resource": map[string]any{"id": openID},
		})
	}
	s.answers["/resources/"+openID+"/scopes"] = scopes
	s.answers[path+"/grants"] = []any{map[string]any{
		"id": "a1000000-0000-4000-8000-000000000061", "application": map[string]any{"id": s.app()},
		"resource": map[string]any{"id": openID}, "scopes": ids, "createdAt": made, "updatedAt": made,
	}}
	s.answers[path+"/signOnPolicyAssignments"] = []any{}
}

func (s *settings) fillFlow(environment map[string]any, name, policy string) {
	flow := FlowID(policy)
	s.answers["/flowPolicies/"+policy] = map[string]any{
		"id": policy, "name": name, "enabled": true, "environment": environment,
		"application": map[string]any{"id": Application, "name": "flowtest"},
		"trigger":     map[string]any{"type": "AUTHENTICATION"},
		"_links":      map[string]any{"self": s.link("/flowPolicies/" + policy)},
	}
	path := "/davinciApplications/" + Application + "/flowPolicies/" + policy
	s.answers[path] = map[string]any{
		"id": policy, "name": name, "status": "enabled", "environment": environment,
		"application": map[string]any{"id": Application}, "trigger": map[string]any{"type": "AUTHENTICATION"},
		"flowDistributions": []any{map[string]any{"id": flow, "version": -1, "weight": 100}},
		"createdAt":         made, "_links": s.links(path, "environment", "davinciApplication"),
	}
	s.answers["/flows/"+flow] = map[string]any{
		"id": flow, "name": name, "enabled": true, "environment": environment, "createdAt": made, "updatedAt": made,
		"currentVersion": 12, "publishedVersion": 12, "deployedAt": made,
		"trigger":  map[string]any{"type": "AUTHENTICATION"},
		"settings": map[string]any{"logLevel": 2}, "dvlinterErrorCount": 0, "dvlinterWarningCount": 0,
		"graphData": map[string]any{
			"boxSelectionEnabled": true, "elements": map[string]any{"nodes": []any{}, "edges": []any{}},
			"pan": map[string]any{"x": 0, "y": 0}, "panningEnabled": true, "userPanningEnabled": true,
			"userZoomingEnabled": true, "zoom": 1, "allLinterErrors": []any{},
		},
		"_links": s.links("/flows/"+flow, "environment", "connectorInstances", "connectors", "flow.deploy",
			"flow.clone",
			"flow.enabled", "version", "flow.validate"),
	}
}

func (s *settings) connector(environment map[string]any, name, connector string) map[string]any {
	path := "/connectorInstances/" + FlowID(name)
	return map[string]any{
		"id": FlowID(name), "name": name, "environment": environment, "connector": map[string]any{"id": connector},
		"_links": s.links(path, "environment", "connectorInstance.clone"),
	}
}

func (s *settings) variable(environment map[string]any, name, scope, value string) map[string]any {
	h := FlowID(name)
	id := h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
	return map[string]any{
		"id": id, "name": name, "context": scope, "dataType": "string", "environment": environment, "mutable": true,
		"value": value, "_links": s.links("/variables/"+id, "environment"),
	}
}

// links returns links of these names, and self.
func (s *settings) links(path string, names ...string) map[string]any {
	all := map[string]any{"self": s.link(path)}
	for _, name := range names {
		all[name] = s.link(path)
	}
	return all
}
