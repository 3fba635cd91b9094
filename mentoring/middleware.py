"""What every answer of the site keeps to."""

from django.utils.cache import add_never_cache_headers


class NothingPrivateIsKept:
    """Pages of somebody who is signed in, and those behind a mailed link, are stored by no browser and no proxy.

    A page that says itself how long it may be kept (an association's colours) is left alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and self._is_private(request):
            add_never_cache_headers(response)
        return response

    @staticmethod
    def _is_private(request):
        by_link = request.resolver_match is not None and "token" in request.resolver_match.kwargs
        return by_link or (hasattr(request, "user") and request.user.is_authenticated)
