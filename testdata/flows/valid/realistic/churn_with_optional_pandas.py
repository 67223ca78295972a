#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Churn features. Uses pandas and scikit-learn when they are there, plain Python when not."""

import logging, os, sys
from collections import Counter, OrderedDict
from pprint import pformat

try:
    import pandas as pd
except ImportError:  # pragma: no cover
    pd = None
try:
    from sklearn.linear_model import LogisticRegression
except ImportError:
    LogisticRegression = None

from metaflow import FlowSpec, Parameter, step, environment, resources

LOG = logging.getLogger('churn')
FEATURES = ['tenure', 'tickets', 'spend']


def raw():
    return [
        {'id': i, 'tenure': (i * 7) % 24, 'tickets': i % 5, 'spend': 20 + (i * 13) % 80, 'churned': int((i * 7) % 24 < 6 and i % 5 > 1)}
        for i in range(200)
    ]


class Frame(object):
    """the few things of a DataFrame that we need"""

    def __init__(self, rows):
        self.rows = rows
        self.index = list(range(len(rows)))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, col):
        return [r[col] for r in self.rows]

    def __setitem__(self, col, values):
        for r, v in zip(self.rows, values):
            r[col] = v


class ChurnFeaturesFlow(FlowSpec):

    test_share = Parameter('test-share', type=float, default=0.25)
    model_name = Parameter('model', default='logreg', help='Which model to fit (logreg | majority)')

    @environment(vars={'PYTHONWARNINGS': 'ignore', 'HOME_DIR': os.path.expanduser('~')})
    @step
    def start(self):
        self.df = pd.DataFrame(raw()) if pd is not None else Frame(raw())
        LOG.info('%d rows', len(self.df))
        if pd is not None:
            self.df['value'] = self.df['spend'] * self.df['tenure']
        else:
            self.df['value'] = [a * b for a, b in zip(self.df['spend'], self.df['tenure'])]
        self.features = FEATURES + ['value']
        self.next(self.split_data)

    @step
    def split_data(self):
        n_test = int(len(self.df) * self.test_share)
        ids = list(self.df['id'])
        test_ids = set(ids[::-1][:n_test])
        X = list(zip(*[self.df[c] for c in self.features]))
        y = list(self.df['churned'])
        self.X_train, self.X_test, self.y_train, self.y_test = [], [], [], []
        for i, x, t in zip(ids, X, y):
            bucket = (self.X_test, self.y_test) if i in test_ids else (self.X_train, self.y_train)
            bucket[0].append(x); bucket[1].append(t)
        self.next(self.fit_model, self.baseline)

    @resources(memory=2000, cpu=2)
    @step
    def fit_model(self):
        use_sklearn = LogisticRegression is not None and self.model_name == 'logreg'
        if use_sklearn:
            model = LogisticRegression(max_iter=500).fit(self.X_train, self.y_train)
            predict = model.predict
        else:
            model = None
            tickets = self.features.index('tickets')
            tenure = self.features.index('tenure')
            predict = lambda X: [int(x[tickets] > 1 and x[tenure] < 6) for x in X]
        self.model = model
        self.accuracy = sum(int(a == b) for a, b in zip(predict(self.X_test), self.y_test)) / len(self.y_test)
        self.kind = 'sklearn' if use_sklearn else 'rule'
        self.next(self.compare)

    @step
    def baseline(self):
        majority, _n = Counter(self.y_train).most_common(1)[0]
        self.accuracy = sum(t == majority for t in self.y_test) / float(len(self.y_test))
        self.kind = 'majority'
        self.next(self.compare)

    @step
    def compare(self, inputs):
        self.results = OrderedDict(sorted(((inp.kind, inp.accuracy) for inp in inputs), key=lambda kv: kv[1]))
        self.winner = list(self.results)[-1]
        self.lift = inputs.fit_model.accuracy - inputs.baseline.accuracy
        for inp in inputs:
            if inp.kind == self.winner:
                self.model = getattr(inp, 'model', None)
        self.merge_artifacts(inputs, exclude=['accuracy', 'kind'])
        self.next(self.end)

    @step
    def end(self):
        LOG.warning('%s', pformat(dict(self.results)))
        sys.stdout.write('winner %s, lift %.2f, model %r, %d features\n' % (self.winner, self.lift, self.model, len(self.features)))


if __name__ == '__main__':
    ChurnFeaturesFlow()
