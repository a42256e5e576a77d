package indieauth

import "encoding/json"

// Metadata is what the site tells of its endpoints (section 4.1.1, RFC 8414).
type Metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Introspection string   `json:"introspection_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Documentation string   `json:"service_documentation"`
	Scopes        []string `json:"scopes_supported"`
}

// MarshalJSON adds what is the same for every site.
func (m Metadata) MarshalJSON() ([]byte, error) {
	type own Metadata
	return json.Marshal(struct {
		own
		ResponseTypes  []string `json:"response_types_supported"`
		ResponseModes  []string `json:"response_modes_supported"`
		Grants         []string `json:"grant_types_supported"`
		Challenges     []string `json:"code_challenge_methods_supported"`
		TokenAuth      []string `json:"token_endpoint_auth_methods_supported"`
		InspectionAuth []string `json:"introspection_endpoint_auth_methods_supported"`
		RevocationAuth []string `json:"revocation_endpoint_auth_methods_supported"`
		Issued         bool     `json:"authorization_response_iss_parameter_supported"`
		Documents      bool     `json:"client_id_metadata_document_supported"`
	}{
		own(m), []string{"code"}, []string{"query"}, []string{"authorization_code", "refresh_token"}, []string{"S256"},
		[]string{"none"}, []string{"Bearer"}, []string{"none"}, true, true,
	})
}
