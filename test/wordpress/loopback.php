<?php
/*
 * Plugin Name: Loopback
 * A WordPress on the open net refuses to talk to loopback and to unusual ports. This one may
 * talk to loopback on any port, and to nothing else.
 */
function hark_on_loopback( $host ) {
	return 0 === strpos( (string) $host, '127.' ) && false !== filter_var( $host, FILTER_VALIDATE_IP );
}
add_filter(
	'http_request_host_is_external',
	function ( $external, $host ) {
		return hark_on_loopback( $host ) ? true : $external;
	},
	10,
	2
);
add_filter(
	'http_allowed_safe_ports',
	function ( $ports, $host, $url ) {
		return hark_on_loopback( $host ) ? array_merge( $ports, array( wp_parse_url( $url, PHP_URL_PORT ) ) ) : $ports;
	},
	10,
	3
);
add_filter(
	'pre_http_request',
	function ( $answer, $args, $url ) {
		return hark_on_loopback( wp_parse_url( $url, PHP_URL_HOST ) ) ? $answer : new WP_Error( 'not_loopback', 'Only loopback can be reached.' );
	},
	10,
	3
);
// What went out, when and for how long, for a test that fails.
function hark_log( $line ) {
	file_put_contents( HARK_TEST_DIR . '/log/outgoing.log', gmdate( 'H:i:s ' ) . $line . "\n", FILE_APPEND | LOCK_EX );
}
add_filter(
	'http_request_args',
	function ( $args, $url ) {
		hark_log( "{$args['method']} $url begins" );
		$args['hark_began'] = microtime( true );
		return $args;
	},
	10,
	2
);
add_action(
	'http_api_debug',
	function ( $response, $context, $class, $args, $url ) {
		$outcome = is_wp_error( $response ) ? $response->get_error_message() : wp_remote_retrieve_response_code( $response );
		hark_log( sprintf( '%s %s %s after %.1f s', $args['method'], $url, $outcome, microtime( true ) - ( $args['hark_began'] ?? 0 ) ) );
	},
	10,
	5
);
add_filter( 'pre_wp_mail', '__return_true' );
