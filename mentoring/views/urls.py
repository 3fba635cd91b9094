"""The roof's own addresses."""

urlpatterns = []
