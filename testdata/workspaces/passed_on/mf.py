from metaflow import FlowSpec, Parameter, step
