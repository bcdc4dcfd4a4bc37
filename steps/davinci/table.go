package davinci

// The doubts that more than one row shares.
const (
	doubtShort   = "absent in the short form of a completed response, in a 200 FAILED and after a time-out"
	doubtPosted  = "the page calls it mutable, but no client posts it"
	doubtRequest = "is in requests only; the page does not say so"
)

// table holds the rows in the page's order.
var table = []Property{
	{Path: "authorizeResponse", Kind: "object"},
	{
		Path: "authorizeResponse.code", Kind: "string", Secret: true,
		Doubt: "absent where response_type asks for tokens: the page's own sample carries access_token and id_token",
	},
	{Path: "companyId", Kind: "string", Doubt: doubtShort},
	{Path: "capabilityName", Kind: "string", Doubt: doubtShort},
	{Path: "connectionId", Kind: "string", Doubt: doubtShort},
	{Path: "environment", Kind: "object", Doubt: "is in completed and failed responses, never on a screen"},
	{Path: "environment.id", Kind: "string", Doubt: "is in completed and failed responses, never on a screen"},
	{
		Path: "eventName", Kind: "string",
		Doubt: "absent on customForm screens and in detailed responses, where clients take \"continue\"",
	},
	{Path: "flowId", Kind: "string", Doubt: "absent on customForm screens, in completed responses and in errors"},
	{Path: "form", Kind: "object", Doubt: doubtPosted},
	{Path: "form.name", Kind: "string", Doubt: doubtPosted},
	{Path: "form.description", Kind: "string", Doubt: "often empty; " + doubtPosted},
	{
		Path: "form.category", Kind: "string",
		Doubt: "seen are CUSTOM_HTML and CUSTOM_FORM; " + doubtPosted,
	},
	{Path: "form.components", Kind: "object", Doubt: doubtPosted},
	{
		Path: "form.components.fields", Kind: "object",
		Doubt: "the table says Object, the page's own sample and the wire carry an array",
	},
	{
		Path: "id", Kind: "string",
		Doubt: "the page says resource id; it is the node's id, and in a PingOne error the id of the error",
	},
	{Path: "interactionId", Kind: "string", Doubt: doubtShort},
	{
		Path: "interactionToken", Kind: "string", Secret: true,
		Doubt: "absent in errors; may be the literal \"deprecated\", and may come as a cookie only",
	},
	{
		Path: "isResponseCompatibleWithMobileAndWebSdks", Kind: "boolean",
		Doubt: "absent in detailed responses and in the short form of a completed one; no client reads it",
	},
	{
		Path: "parameters", Kind: "object",
		Doubt: doubtRequest + "; not sent when an identity provider or an SDK connector resumes the flow",
	},
	{
		Path: "parameters.eventType", Kind: "string",
		Doubt: doubtRequest + "; the page lists action and submit, the SDKs send polling too",
	},
	{
		Path: "parameters.data", Kind: "object",
		Doubt: doubtRequest + "; the page repeats the options of eventType, it holds actionKey and formData",
	},
	{
		Path: "parameters.data.actionKey", Kind: "string",
		Doubt: doubtRequest + "; the page ties it to action, it is sent with submit too",
	},
	{
		Path: "parameters.data.formData", Kind: "object",
		Doubt: doubtRequest + "; a flow button may be pressed without it",
	},
	{
		Path: "parameters.data.formData.{{attribute}}", Kind: "string", Secret: true,
		Doubt: doubtRequest + "; the page says String, fields also take arrays, booleans and objects",
	},
	{Path: "resetCookie", Kind: "boolean", Doubt: "is in full completed responses, at times on the first screen"},
	{Path: "session", Kind: "object"},
	{Path: "session.id", Kind: "string", Secret: true},
	{
		Path: "status", Kind: "string",
		Doubt: "the table's example is COMPLETE, the page's sample and the wire say COMPLETED",
	},
	{Path: "subFlowSettings", Kind: "object", Doubt: "is in completed responses after a subflow with screens"},
	{
		Path: "success", Kind: "boolean",
		Doubt: "true on screens too, so it does not mark the end of a flow",
	},
}
