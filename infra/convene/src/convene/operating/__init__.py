"""What an operator looks at and mends: the services' own books, with the rights each service has."""
