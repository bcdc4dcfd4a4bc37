package davinci

// The doubts that more than one row shares.
const (
	doubtShort   = "absent in the short form of a completed response, in a 200 FAILED and after a time-out"
	doubtPosted  = "the page calls it mutable, but no client posts it"
	doubtRequest = "stands in requests only; the page does not say so"
)

// table holds the rows in the page's order.
var table = []Property{
	{Path: "authorizeResponse", Kind: Object},
	{
		Path: "authorizeResponse.code", Kind: String, Secret: true,
		Doubt: "absent where response_type asks for tokens: the page's own sample carries access_token and id_token",
	},
	{Path: "companyId", Kind: String, Doubt: doubtShort},
	{Path: "capabilityName", Kind: String, Doubt: doubtShort},
	{Path: "connectionId", Kind: String, Doubt: doubtShort},
	{Path: "environment", Kind: Object, Doubt: "stands in completed and failed responses, never on a screen"},
	{Path: "environment.id", Kind: String, Doubt: "stands in completed and failed responses, never on a screen"},
	{
		Path: "eventName", Kind: String,
		Doubt: "absent on customForm screens and in detailed responses, where clients take \"continue\"",
	},
	{Path: "flowId", Kind: String, Doubt: "absent on customForm screens, in completed responses and in errors"},
	{Path: "form", Kind: Object, Required: Optional, Mutable: true, Doubt: doubtPosted},
	{Path: "form.name", Kind: String, Required: Optional, Mutable: true, Doubt: doubtPosted},
	{Path: "form.description", Kind: String, Required: Optional, Mutable: true, Doubt: "often empty; " + doubtPosted},
	{
		Path: "form.category", Kind: String, Required: Optional, Mutable: true,
		Doubt: "seen are CUSTOM_HTML and CUSTOM_FORM; " + doubtPosted,
	},
	{Path: "form.components", Kind: Object, Required: Optional, Mutable: true, Doubt: doubtPosted},
	{
		Path: "form.components.fields", Kind: Object, Required: Optional, Mutable: true,
		Doubt: "the table says Object, the page's own sample and the wire carry an array",
	},
	{
		Path: "id", Kind: String,
		Doubt: "the page says resource id; it is the node's id, and in a PingOne error the id of the error",
	},
	{Path: "interactionId", Kind: String, Doubt: doubtShort},
	{
		Path: "interactionToken", Kind: String, Secret: true,
		Doubt: "absent in errors; may be the literal \"deprecated\", and may come as a cookie only",
	},
	{
		Path: "isResponseCompatibleWithMobileAndWebSdks", Kind: Boolean,
		Doubt: "absent in detailed responses and in the short form of a completed one; no client reads it",
	},
	{
		Path: "parameters", Kind: Object, Required: Required, Mutable: true,
		Doubt: doubtRequest + "; not sent when an identity provider or an SDK connector resumes the flow",
	},
	{
		Path: "parameters.eventType", Kind: String, Required: Required, Mutable: true,
		Doubt: doubtRequest + "; the page lists action and submit, the SDKs send polling too",
	},
	{
		Path: "parameters.data", Kind: Object, Required: Required, Mutable: true,
		Doubt: doubtRequest + "; the page repeats the options of eventType, it holds actionKey and formData",
	},
	{
		Path: "parameters.data.actionKey", Kind: String, Required: Required, Mutable: true,
		Doubt: doubtRequest + "; the page ties it to action, it is sent with submit too",
	},
	{
		Path: "parameters.data.formData", Kind: Object, Required: Required, Mutable: true,
		Doubt: doubtRequest + "; a flow button may be pressed without it",
	},
	{
		Path: "parameters.data.formData.{{attribute}}", Kind: String, Required: Required, Mutable: true, Secret: true,
		Doubt: doubtRequest + "; the page says String, fields also take arrays, booleans and objects",
	},
	{Path: "resetCookie", Kind: Boolean, Doubt: "stands in full completed responses, at times on the first screen"},
	{Path: "session", Kind: Object},
	{Path: "session.id", Kind: String, Secret: true},
	{
		Path: "status", Kind: String,
		Doubt: "the table's example is COMPLETE, the page's sample and the wire say COMPLETED",
	},
	{Path: "subFlowSettings", Kind: Object, Doubt: "stands in completed responses after a subflow with screens"},
	{
		Path: "success", Kind: Boolean,
		Doubt: "true on screens too, so it does not mark the end of a flow",
	},
}
