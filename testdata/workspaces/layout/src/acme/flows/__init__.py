from acme.flows.batch import BatchFlow
from .fans import FanOut as Fans
