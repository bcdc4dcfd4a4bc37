package fake

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
)

// made is the time at which everything was created and deployed.
const made = "2026-01-15T09:30:00.000Z"

// FlowID returns the id of the flow that a policy runs.
func FlowID(policy string) string {
	sum := sha256.Sum256([]byte(policy))
	return hex.EncodeToString(sum[:16])
}

// AppPath returns the path of the app below the environment.
func (t *Tenant) AppPath() string { return "/applications/" + t.app() }

// fill makes an environment in which everything holds.
func (t *Tenant) fill() {
	environment := map[string]any{"id": t.config.Environment}
	t.answers["/billOfMaterials"] = map[string]any{
		"_links": map[string]any{"self": t.link("/billOfMaterials")},
		"products": []any{
			map[string]any{"id": "a1000000-0000-4000-8000-000000000b01", "type": "PING_ONE_BASE"},
			map[string]any{"id": "a1000000-0000-4000-8000-000000000b02", "type": "PING_ONE_DAVINCI"},
		},
	}
	t.fillApp(environment)
	t.answers["/davinciApplications"] = []any{map[string]any{
		"id": Application, "name": "flowtest", "environment": environment, "createdAt": made,
		"apiKey": map[string]any{"enabled": true, "value": "demo-api-key-of-an-application"},
		"oauth": map[string]any{ //nolint:gosec // it is made up
			"clientSecret": "demo-oauth-secret-of-an-application",
			"grantTypes":   []any{"authorizationCode"},
		},
		"_links": t.links("/davinciApplications/"+Application, "environment", "flowPolicies",
			"davinciApplication.rotateKey", "davinciApplication.rotateSecret"),
	}}
	assigned, flows := []any{}, []any{}
	for i, name := range slices.Sorted(maps.Keys(t.config.Policies)) {
		policy := t.config.Policies[name]
		t.fillFlow(environment, name, policy)
		flows = append(flows, t.answers["/flows/"+FlowID(policy)])
		assigned = append(assigned, map[string]any{
			"id": policy, "priority": i + 1, "flowPolicy": map[string]any{"id": policy}, "environment": environment,
			"application": map[string]any{"id": t.app()},
		})
	}
	t.answers[t.AppPath()+"/flowPolicyAssignments"], t.answers["/flows"] = assigned, flows
	t.answers["/connectorInstances"] = []any{
		t.connector(environment, "Http", "httpConnector"), t.connector(environment, "PingOne", "pingOneSSOConnector"),
	}
	t.answers["/variables"] = []any{
		t.variable(environment, "companyName", "company", "demo-value-of-a-variable"),
		t.variable(environment, "attempts", "flowInstance", "0"),
	}
}

func (t *Tenant) fillApp(environment map[string]any) {
	path := t.AppPath()
	origin := ""
	if u, err := url.Parse(t.config.RedirectURI); err == nil {
		origin = u.Scheme + "://" + u.Host
	}
	t.answers[path] = map[string]any{
		"id": t.app(), "name": "flowtest", "enabled": true, "type": "SINGLE_PAGE_APP", "protocol": "OPENID_CONNECT",
		"environment": environment, "createdAt": made, "updatedAt": made,
		"grantTypes": []any{"AUTHORIZATION_CODE"}, "responseTypes": []any{"CODE"},
		"redirectUris": []any{t.config.RedirectURI}, "allowWildcardInRedirectUris": false,
		"pkceEnforcement": "S256_REQUIRED", "tokenEndpointAuthMethod": "NONE", "parRequirement": "OPTIONAL",
		"requireSignedRequestObject": false,
		"corsSettings":               map[string]any{"behavior": "ALLOW_SPECIFIC_ORIGINS", "origins": []any{origin}},
		"_links":                     map[string]any{"self": t.link(path)},
	}
	var ids, scopes []any
	for i, name := range []string{"openid", "profile", "email", "address", "phone"} {
		id := "a1000000-0000-4000-8000-00000000005" + string(rune('0'+i))
		ids = append(ids, map[string]any{"id": id})
		scopes = append(scopes, map[string]any{
			"id": id, "name": name, "environment": environment, "resource": map[string]any{"id": openID},
		})
	}
	t.answers["/resources/"+openID+"/scopes"] = scopes
	t.answers[path+"/grants"] = []any{map[string]any{
		"id": "a1000000-0000-4000-8000-000000000061", "application": map[string]any{"id": t.app()},
		"resource": map[string]any{"id": openID}, "scopes": ids, "createdAt": made, "updatedAt": made,
	}}
	t.answers[path+"/signOnPolicyAssignments"] = []any{}
}

func (t *Tenant) fillFlow(environment map[string]any, name, policy string) {
	flow := FlowID(policy)
	t.answers["/flowPolicies/"+policy] = map[string]any{
		"id": policy, "name": name, "enabled": true, "environment": environment,
		"application": map[string]any{"id": Application, "name": "flowtest"},
		"trigger":     map[string]any{"type": "AUTHENTICATION"},
		"_links":      map[string]any{"self": t.link("/flowPolicies/" + policy)},
	}
	path := "/davinciApplications/" + Application + "/flowPolicies/" + policy
	t.answers[path] = map[string]any{
		"id": policy, "name": name, "status": "enabled", "environment": environment,
		"application": map[string]any{"id": Application}, "trigger": map[string]any{"type": "AUTHENTICATION"},
		"flowDistributions": []any{map[string]any{"id": flow, "version": -1, "weight": 100}},
		"createdAt":         made, "_links": t.links(path, "environment", "davinciApplication"),
	}
	t.answers["/flows/"+flow] = map[string]any{
		"id": flow, "name": name, "enabled": true, "environment": environment, "createdAt": made, "updatedAt": made,
		"currentVersion": 12, "publishedVersion": 12, "deployedAt": made,
		"trigger":  map[string]any{"type": "AUTHENTICATION"},
		"settings": map[string]any{"logLevel": 2}, "dvlinterErrorCount": 0, "dvlinterWarningCount": 0,
		"graphData": map[string]any{
			"boxSelectionEnabled": true, "elements": map[string]any{"nodes": []any{}, "edges": []any{}},
			"pan": map[string]any{"x": 0, "y": 0}, "panningEnabled": true, "userPanningEnabled": true,
			"userZoomingEnabled": true, "zoom": 1, "allLinterErrors": []any{},
		},
		"_links": t.links("/flows/"+flow, "environment", "connectorInstances", "connectors", "flow.deploy",
			"flow.clone",
			"flow.enabled", "version", "flow.validate"),
	}
}

func (t *Tenant) connector(environment map[string]any, name, connector string) map[string]any {
	path := "/connectorInstances/" + FlowID(name)
	return map[string]any{
		"id": FlowID(name), "name": name, "environment": environment, "connector": map[string]any{"id": connector},
		"_links": t.links(path, "environment", "connectorInstance.clone"),
	}
}

func (t *Tenant) variable(environment map[string]any, name, scope, value string) map[string]any {
	h := FlowID(name)
	id := h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
	return map[string]any{
		"id": id, "name": name, "context": scope, "dataType": "string", "environment": environment, "mutable": true,
		"value": value, "_links": t.links("/variables/"+id, "environment"),
	}
}

// links returns links of these names, and self.
func (t *Tenant) links(path string, names ...string) map[string]any {
	all := map[string]any{"self": t.link(path)}
	for _, name := range names {
		all[name] = t.link(path)
	}
	return all
}
